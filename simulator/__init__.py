"""The world: members, titles, pictures and behaviour with a known truth. Imports conf and nothing else of ours."""

from conf import compiled as compiled  # before any loop is: it says where compiled code is kept

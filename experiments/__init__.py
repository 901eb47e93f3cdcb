"""Rulers: they see conf only and never import what they measure."""

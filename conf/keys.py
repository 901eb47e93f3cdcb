"""Stable numbers of texts: the same name gives the same number on every machine, every day."""

from hashlib import blake2b, sha256


def bucket(key: str, salt: str, buckets: int = 1_000_000) -> int:
    """A number in [0, buckets), evenly spread over keys and independent between salts."""
    digest = blake2b(key.encode(), key=salt.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets


def text_uniform(key: str, salt: str) -> float:
    """A number in [0, 1) of 32 bits, evenly spread over keys and independent between salts."""
    return bucket(key, salt, 2**32) / 2**32


def sha256_text(text: str) -> str:
    """The sha256 of a text, in hex."""
    return sha256(text.encode()).hexdigest()

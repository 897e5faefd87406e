"""DER by hand, where a library would give back the spelling that it was shown (ITU-T X.690)."""

SET, SEQUENCE, OCTETS, BITS, IMPLICIT_0, EXPLICIT_0, IMPLICIT_1 = 0x31, 0x30, 0x04, 0x03, 0xA0, 0xA0, 0xA1
NULL = b"\x05\x00"


def coded(tag: int, content: bytes) -> bytes:
    """Tag, shortest length, value (8.1, 10.1)."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content

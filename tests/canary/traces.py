"""The traces a secret would leave: itself, and how it looks in the usual disguises, twelve characters at a time."""

import base64
from urllib.parse import quote

RUN = 12  # characters; the last four of a key are shown on purpose


def disguises(secret: str) -> dict[str, str]:
    """How a secret may be written, by name; base64 once for each place it may begin at within three bytes."""
    raw = secret.encode()
    encoded = {
        f"base64 at {shift}": base64.b64encode(b"\0" * shift + raw).decode()[shift + 1 if shift else 0 :].rstrip("=")
        for shift in range(3)
    }
    urlsafe = {f"urlsafe {name}": text.translate(str.maketrans("+/", "-_")) for name, text in encoded.items()}
    return {
        "itself": secret,
        "backwards": secret[::-1],
        "hexadecimal": raw.hex(),
        "percent": "".join(f"%{byte:02X}" for byte in raw),
        "form-encoded": quote(secret, safe=""),
        **encoded,
        **urlsafe,
    }


def runs(secret: str) -> dict[bytes, str]:
    """Every run of twelve characters of every disguise, and which it is of; what all keys begin with is none."""
    common = disguises("gih_live_")
    found = {}
    for name, text in disguises(secret).items():
        for start in range(len(text) - RUN + 1):
            run = text[start : start + RUN]
            if run not in common[name]:
                found[run.encode()] = name
    return found


def traces(secret: str, content: bytes) -> list[str]:
    """Which disguises of the secret the content shows a run of, in one-byte or two-byte characters."""
    texts = {content, content.replace(b"\0", b"")}
    return sorted({name for run, name in runs(secret).items() if any(run in text for text in texts)})

"""Pictures of pages with at most 256 colours, so that they may be kept beside the text."""

import base64
import struct
import zlib
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

INDEXED: Final = 3
"""What PNG calls one byte a pixel, into a palette."""
REDUCE: Final = """async source => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    const [width, height] = [canvas.width = image.width, canvas.height = image.height];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    const counts = new Map();
    for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    const often = [...counts].sort((a, b) => b[1] - a[1]).map(([pixel]) => pixel);
    const kinds = new Map();
    for (const pixel of often) {
        const kind = pixel & 0xf8f8f8;
        if (!kinds.has(kind)) kinds.set(kind, pixel);
    }
    const palette = [...kinds.values()].slice(0, 256);
    const parts = palette.map(pixel => [pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255]);
    const nearest = new Map(palette.map((pixel, place) => [pixel, place]));
    for (const pixel of counts.keys()) {
        if (nearest.has(pixel)) continue;
        let [best, least] = [0, Infinity];
        parts.forEach(([red, green, blue], place) => {
            const away = (red - (pixel & 255)) ** 2 + (green - (pixel >> 8 & 255)) ** 2
                + (blue - (pixel >> 16 & 255)) ** 2;
            if (away < least) [best, least] = [place, away];
        });
        nearest.set(pixel, best);
    }
    let rows = "";
    for (const pixel of pixels) rows += String.fromCharCode(nearest.get(pixel));
    return { width, height, palette: parts.flat(), pixels: btoa(rows) };
}"""
"""Run in a browser, which reads PNG and counts quickly."""


def keep(browser: Browser, shot: bytes, path: Path) -> None:
    """Write a picture, as small as its colours allow."""
    page = browser.new_page()
    source = "data:image/png;base64," + base64.b64encode(shot).decode()
    found = page.evaluate(REDUCE, source)
    page.close()
    width, height = found["width"], found["height"]
    pixels = base64.b64decode(found["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, INDEXED, 0, 0, 0)),
        (b"PLTE", bytes(found["palette"])),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

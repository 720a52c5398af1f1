"""Draws the pictures of this folder and, with Pillow, what they must decode to and be resized to.

    pip install pillow numpy tifffile && python __tests__/pictures/draw.py

Made with Pillow 13.0.0. `stored/` holds the files that the tests read, `decoded/NAME.png` the pixels that Pillow reads
from each, upright and composed onto white, and `resized/` what Pillow's BILINEAR makes of `stored/drawn.png`.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageDraw, ImageFilter, ImageOps

here = Path(__file__).parent
for folder in ("stored", "decoded", "resized"):
    (here / folder).mkdir(exist_ok=True)

width, height = 64, 48


def drawn():
    """Smooth colours, hard edges, thin lines and a pattern of single pixels; no two quarters alike."""
    y, x = np.mgrid[0:height, 0:width]
    colours = np.stack([x * 4, y * 5, 127 + 120 * np.sin((x + 2 * y) / 6)], -1).astype("uint8")
    picture = Image.fromarray(colours)
    pen = ImageDraw.Draw(picture)
    pen.rectangle([5, 4, 20, 14], fill=(250, 20, 30))
    pen.ellipse([36, 6, 58, 26], fill=(20, 220, 60), outline=(0, 0, 0))
    pen.line([4, 44, 30, 20], fill=(255, 255, 255))
    for at in range(34, 62):
        for line in range(34, 46):
            if (at + line) % 2:
                pen.point([at, line], fill=(0, 0, 90))
    return picture


def keep(name, expected):
    expected.save(here / "decoded" / f"{name}.png")


def png(path, samples, colour_type):
    """A PNG of 16 bits, which Pillow cannot write."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], 16, colour_type, 0, 0, 0)
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in samples)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


picture = drawn()
mirrored = ImageOps.mirror(picture)
stored = here / "stored"
alpha = Image.fromarray(np.tile(np.linspace(0, 255, width).astype("uint8"), (height, 1)))
white = Image.new("RGBA", (width, height), "white")

picture.save(stored / "drawn.png", optimize=True)
picture.save(stored / "baseline.jpg", quality=85)
picture.save(stored / "progressive.jpg", quality=85, progressive=True)
picture.convert("L").save(stored / "grey.jpg", quality=85)
inks = np.dstack([255 - np.asarray(picture), np.tile(np.arange(width) * 2, (height, 1)).astype("uint8")])
Image.fromarray(inks, "CMYK").save(stored / "cmyk.jpg", quality=90)
picture.quantize(16).save(stored / "palette.png", optimize=True)
picture.convert("L").save(stored / "grey.png", optimize=True)
picture.save(stored / "lossy.webp", quality=80)
picture.save(stored / "lossless.webp", lossless=True)
first, second = picture.quantize(16), mirrored.quantize(16)
first.save(stored / "frames.gif", save_all=True, append_images=[second], duration=50)
picture.save(stored / "frames.webp", save_all=True, append_images=[mirrored], lossless=True)
for name in ("drawn.png", "baseline.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "palette.png", "grey.png",
             "lossy.webp", "lossless.webp", "frames.gif", "frames.webp"):
    keep(name, Image.open(stored / name).convert("RGB"))

for name, seen, options in (
    ("alpha.png", picture, {}),
    ("alpha.webp", picture, {"lossless": True, "exact": True}),
    ("grey-alpha.png", picture.convert("L"), {}),
):
    transparent = seen.copy()
    transparent.putalpha(alpha)
    transparent.save(stored / name, **options)
    keep(name, Image.alpha_composite(white, transparent.convert("RGBA")).convert("RGB"))

fine = np.asarray(picture).astype("uint16") * 256 + np.random.default_rng(1).integers(0, 256, (height, width, 3))
png(stored / "deep.png", fine, 2)
keep("deep.png", Image.fromarray((fine >> 8).astype("uint8")))
png(stored / "deep-grey.png", fine[:, :, 1], 0)
keep("deep-grey.png", Image.fromarray((fine[:, :, 1] >> 8).astype("uint8")).convert("RGB"))

for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name, options in (
        (f"orientation-{orientation}.jpg", {"quality": 60}),
        *(((f"orientation-{orientation}.png", {"optimize": True}),
           (f"orientation-{orientation}.webp", {"lossless": True})) if orientation == 6 else ()),
    ):
        picture.save(stored / name, exif=exif, **options)
        keep(name, ImageOps.exif_transpose(Image.open(stored / name)).convert("RGB"))

for box, size in (
    ((0, 0, 64, 48), (48, 36)),
    ((0, 0, 64, 48), (41, 31)),
    ((0, 0, 64, 48), (22, 16)),
    ((0, 0, 64, 48), (14, 10)),
    ((0, 0, 64, 48), (8, 6)),
    ((0, 0, 64, 48), (100, 75)),
    ((0, 0, 64, 48), (224, 168)),
    ((0, 0, 64, 48), (40, 90)),
    ((7, 3, 40, 44), (24, 24)),
    ((7, 3, 40, 44), (80, 80)),
):
    resized = picture.crop(box).resize(size, Image.BILINEAR)
    resized.save(here / "resized" / f"{'-'.join(map(str, box))}-to-{size[0]}x{size[1]}.png", optimize=True)

for orientation in range(1, 9):
    upright = ImageOps.exif_transpose(Image.open(stored / f"orientation-{orientation}.jpg")).convert("RGB")
    resized = upright.crop((3, 5, 43, 45)).resize((26, 30), Image.BILINEAR)
    resized.save(here / "resized" / f"orientation-{orientation}.png", optimize=True)


def keep_on_white(name):
    keep(name, Image.alpha_composite(white_like(name), Image.open(stored / name).convert("RGBA")).convert("RGB"))


def white_like(name):
    return Image.new("RGBA", Image.open(stored / name).size, "white")


def codes_of(indices, bits):
    """GIF's codes without any of LZW's: the table is cleared before the codes would grow."""
    clear, held, count, out = 1 << bits, 0, 0, bytearray()
    codes = [code for at, index in enumerate(indices) for code in ([clear] * (at % (clear - 2) == 0) + [int(index)])]
    for code in [*codes, clear + 1]:
        held |= code << count
        count += bits + 1
        while count >= 8:
            out.append(held & 255)
            held, count = held >> 8, count - 8
    out.append(held)
    blocks = [bytes(out[at : at + 255]) for at in range(0, len(out), 255)]
    return bytes([bits]) + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def gif(name, screen, frame, shared=None, own=None, transparent=None, behind=0, before=b"", after=b"", bits=4):
    """A GIF such as Pillow does not write, `frame` being left, top, width and height."""
    flags = lambda palette: 0 if palette is None else 0x80 | ((len(palette) // 3).bit_length() - 2)
    indices = np.add.outer(np.arange(frame[3]) * 3, np.arange(frame[2])).ravel() % (1 << bits)
    control = b"" if transparent is None else b"!\xf9\x04\x01\0\0" + bytes([transparent, 0])
    body = b"," + struct.pack("<4HB", *frame, flags(own)) + (own or b"") + codes_of(indices, bits)
    head = b"GIF89a" + struct.pack("<2H3B", *screen, flags(shared), behind, 0) + (shared or b"")
    (stored / name).write_bytes(head + before + control + body + after + b";")
    keep_on_white(name)


shared = bytes((37 * at + 11) % 256 for at in range(3 * 16))
own = bytes((91 * at + 50) % 256 for at in range(3 * 16))
gif("gif-larger-than-screen.gif", (10, 8), (0, 0, 20, 14), shared)
gif("gif-partly-outside.gif", (20, 14), (12, 9, 16, 11), shared)
gif("gif-wholly-outside.gif", (6, 5), (8, 7, 5, 4), shared)
gif("gif-no-screen.gif", (0, 0), (0, 0, 12, 9), shared)
gif("gif-smaller.gif", (24, 18), (5, 3, 12, 9), shared)
gif("gif-smaller-with-background.gif", (24, 18), (5, 3, 12, 9), shared, behind=7)
gif("gif-smaller-transparent.gif", (24, 18), (5, 3, 12, 9), shared, transparent=6)
gif("gif-smaller-own-palette.gif", (24, 18), (5, 3, 12, 9), shared, own, behind=7)
gif("gif-own-palette-alone.gif", (24, 18), (5, 3, 12, 9), own=own, transparent=0)
gif("gif-no-palette.gif", (24, 18), (5, 3, 12, 9))
gif("gif-ramp.gif", (24, 18), (5, 3, 12, 9), bytes(at // 3 for at in range(3 * 4)), transparent=2)
gif("gif-beyond-palette.gif", (24, 18), (5, 3, 12, 9), shared[: 3 * 4])
gif("gif-two-controls.gif", (24, 18), (5, 3, 12, 9), shared, before=b"!\xf9\x04\x01\0\0\x05\0!\xf9\x04\0\0\0\x07\0!\xfe\x02hi\0\0")
gif("gif-one-pixel.gif", (1, 1), (0, 0, 1, 1), shared, bits=2)
gif("gif-second-frame.gif", (24, 18), (0, 0, 24, 18), shared, transparent=6,
    after=b"," + struct.pack("<4HB", 0, 0, 30, 30, 0) + codes_of([0] * 900, 4))
noise = Image.fromarray(np.random.default_rng(2).integers(0, 256, (60, 100)).astype("uint8"))
noise.putpalette(bytes((7 * at) % 256 for at in range(768)))
noise.save(stored / "gif-all-codes.gif", interlace=0)
picture.quantize(64).save(stored / "gif-interlaced.gif", interlace=1)
for name in ("gif-all-codes.gif", "gif-interlaced.gif"):
    keep_on_white(name)
for rows in (1, 2, 3, 5):
    noise.crop((0, 0, 5, rows)).save(stored / f"gif-interlaced-{rows}.gif", interlace=1)
    keep_on_white(f"gif-interlaced-{rows}.gif")

for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
    name = f"tiff-{compression.removeprefix('tiff_').replace('_', '-')}.tif"
    picture.save(stored / name, compression=None if compression == "raw" else compression)
picture.convert("L").save(stored / "tiff-grey.tif", compression="tiff_lzw")
picture.convert("1").save(stored / "tiff-black-and-white.tif")
picture.quantize(16).save(stored / "tiff-palette.tif", compression="packbits")
transparent = picture.copy()
transparent.putalpha(alpha)
transparent.save(stored / "tiff-alpha.tif", compression="tiff_adobe_deflate")
transparent.convert("LA").save(stored / "tiff-grey-alpha.tif", compression="tiff_adobe_deflate")
Image.fromarray(inks, "CMYK").save(stored / "tiff-inks.tif", compression="tiff_lzw")
picture.save(stored / "tiff-pages.tif", save_all=True, append_images=[mirrored.resize((9, 7))], compression="tiff_lzw")
for orientation in (2, 6, 8):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(stored / f"tiff-orientation-{orientation}.tif", exif=exif, compression="tiff_lzw")
    picture.save(stored / f"avif-orientation-{orientation}.avif", exif=exif, quality=60, subsampling="4:4:4")

colours = np.asarray(picture)
opaque = np.asarray(alpha)[..., None]
part = (colours.astype("uint16") * opaque // 255).astype("uint8")
tifffile.imwrite(stored / "tiff-tiles.tif", colours, tile=(16, 32), photometric="rgb", compression="zlib")
tifffile.imwrite(stored / "tiff-strips.tif", colours, rowsperstrip=5, photometric="rgb", byteorder=">")
tifffile.imwrite(stored / "tiff-planes.tif", colours.transpose(2, 0, 1), photometric="rgb", planarconfig="separate")
tifffile.imwrite(stored / "tiff-predictor.tif", colours, photometric="rgb", compression="zlib", predictor=2)
tifffile.imwrite(stored / "tiff-premultiplied.tif", np.dstack([part, opaque]), photometric="rgb",
                 extrasamples=["assocalpha"], compression="zlib")
tifffile.imwrite(stored / "tiff-unused.tif", np.dstack([colours, opaque]), photometric="rgb",
                 extrasamples=["unspecified"], compression="zlib")
tifffile.imwrite(stored / "tiff-grey-unused.tif", np.dstack([np.asarray(picture.convert("L"))[..., None], opaque]),
                 photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"])
tifffile.imwrite(stored / "tiff-white-is-zero.tif", 255 - np.asarray(picture.convert("L")), photometric="miniswhite")
for name, expected in (("tiff-deep.tif", fine), ("tiff-deep-grey.tif", fine[:, :, 1])):
    tifffile.imwrite(stored / name, expected.astype("uint16"), compression="zlib",
                     photometric="rgb" if expected.ndim == 3 else "minisblack")
    keep(name, Image.fromarray((expected >> 8).astype("uint8")).convert("RGB"))

picture.save(stored / "bmp-colours.bmp")
picture.crop((0, 0, 61, 48)).save(stored / "bmp-odd-width.bmp")
picture.quantize(16).save(stored / "bmp-palette.bmp")
picture.convert("L").save(stored / "bmp-grey.bmp")
picture.convert("1").save(stored / "bmp-black-and-white.bmp")
transparent.save(stored / "bmp-alpha.bmp")
colour_bmp = (stored / "bmp-colours.bmp").read_bytes()
(stored / "bmp-top-down.bmp").write_bytes(colour_bmp[:22] + struct.pack("<i", -picture.height) + colour_bmp[26:])
few = np.arange(48 * 32, dtype="uint8").tobytes()
head = b"BM" + struct.pack("<IIIIiiHHIIiiII", 118 + len(few), 0, 118, 40, 64, 48, 1, 4, 0, 0, 0, 0, 16, 0)
(stored / "bmp-four-bits.bmp").write_bytes(head + bytes((5 * at) % 256 * (at % 4 != 3) for at in range(64)) + few)

picture.resize((128, 96)).filter(ImageFilter.GaussianBlur(6)).save(stored / "avif-smooth.avif", quality=80)
picture.save(stored / "avif-full.avif", quality=90, subsampling="4:4:4")
picture.convert("L").save(stored / "avif-grey.avif", quality=70)
transparent.save(stored / "avif-alpha.avif", quality=80, subsampling="4:4:4")

for path in sorted(stored.glob("*")):
    if path.suffix in (".tif", ".bmp", ".avif") and "deep" not in path.name:
        upright = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
        on_white = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
        keep(path.name, on_white.convert("RGB"))

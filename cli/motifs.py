"""The drawings of covers: each fills a field of 320 x 180 with a few shapes, the same for the same random numbers.

A drawing gets three colours, from dark to light, and returns SVG elements without text, links or styles.
"""

import math
from collections.abc import Callable, Sequence
from random import Random

WIDTH, HEIGHT = 320, 180
Colours = tuple[str, str, str]  # deep, middle, light
Motif = Callable[[Random, Colours], str]


def shape(tag: str, **attributes: float | str) -> str:
    """An SVG element; numbers are rounded to a hundredth."""
    told = (
        f"{v:.2f}".rstrip("0").rstrip(".") if isinstance(v, float) else v
        for v in attributes.values()
    )
    return (
        f"<{tag} "
        + " ".join(f"{k.replace('_', '-')}='{v}'" for k, v in zip(attributes, told, strict=True))
        + "/>"
    )


def circle(x: float, y: float, r: float, fill: str, opacity: float = 1) -> str:
    """A filled circle."""
    return shape("circle", cx=x, cy=y, r=r, fill=fill, opacity=round(opacity, 2))


def polygon(points: Sequence[tuple[float, float]], fill: str, opacity: float = 1) -> str:
    """A filled polygon."""
    outline = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z"
    return shape("path", d=outline, fill=fill, opacity=round(opacity, 2))


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, width: float, opacity: float = 1
) -> str:
    """A line with round ends."""
    way = f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"
    return shape(
        "path",
        d=way,
        stroke=stroke,
        stroke_width=width,
        stroke_linecap="round",
        opacity=round(opacity, 2),
    )


def _curve(r: Random, top: float, swing: float, fill: str, opacity: float) -> str:
    """Everything below a soft line across the field."""
    ys = [top + r.uniform(-swing, swing) for _ in range(5)]
    bends = "".join(f"T{x} {y:.0f}" for x, y in zip(range(80, 400, 80), ys[1:], strict=True))
    below = f"M0 {ys[0]:.0f}Q40 {ys[0] - swing:.0f} 40 {ys[0]:.0f}{bends}V{HEIGHT}H0Z"
    return shape("path", d=below, fill=fill, opacity=opacity)


def shards(r: Random, c: Colours) -> str:
    """Splinters flying from a corner: action."""
    x, y = r.uniform(190, 290), r.uniform(20, 70)
    out = [circle(x, y, 90, c[2], 0.12), circle(x, y, 46, c[2], 0.22)]
    for k in range(11):
        angle = math.tau * (k + r.uniform(-0.3, 0.3)) / 11
        near, far, half = r.uniform(24, 44), r.uniform(90, 240), r.uniform(0.03, 0.09)
        tips = [(near, 0), (far, half), (far * 0.8, -half)]
        points = [(x + d * math.cos(angle + a), y + d * math.sin(angle + a)) for d, a in tips]
        out.append(polygon(points, c[2] if k % 3 else c[1], r.uniform(0.35, 0.9)))
    return "".join(out)


def hills(r: Random, c: Colours) -> str:
    """Layers of land under a low sun: places and adventures."""
    sun = circle(r.uniform(170, 270), r.uniform(48, 78), r.uniform(24, 38), c[2], 0.95)
    layers = ((92, c[2], 0.3), (112, c[1], 0.9), (136, c[0], 0.95))
    return sun + "".join(_curve(r, top, 12, fill, opacity) for top, fill, opacity in layers)


def skyline(r: Random, c: Colours) -> str:
    """A town at night: crime."""
    out, x = [circle(r.uniform(60, 260), 46, 26, c[2], 0.85)], -6.0
    while x < WIDTH:
        width, top = r.uniform(18, 40), r.uniform(58, 128)
        out.append(shape("rect", x=x, y=top, width=width, height=130, fill=c[0], opacity=0.92))
        for left in range(6, int(width) - 5, 8):
            lit = [y for y in range(int(top) + 8, 170, 14) if r.random() < 0.35]
            out += [
                shape("rect", x=x + left, y=y, width=4, height=6, fill=c[2], opacity=0.7)
                for y in lit
            ]
        x += width + r.uniform(0, 3)
    return "".join(out)


def rings(r: Random, c: Colours) -> str:
    """Rings around a keyhole: mystery and thrill."""
    x, y = r.uniform(180, 250), r.uniform(66, 96)
    out = [
        shape(
            "circle",
            cx=x,
            cy=y,
            r=k * 19 + 16,
            fill="none",
            stroke=c[2],
            stroke_width=9 - k,
            opacity=0.75 - 0.08 * k,
        )
        for k in range(8)
    ]
    hole = polygon([(x - 4, y), (x + 4, y), (x + 8, y + 18), (x - 8, y + 18)], c[2])
    return "".join([*out, circle(x, y - 4, 8, c[2]), hole])


def stars(r: Random, count: int, below: float) -> str:
    """Small white stars."""
    return "".join(
        circle(
            r.uniform(0, WIDTH),
            r.uniform(0, below),
            r.choice([1, 1, 2]),
            "#fff",
            r.uniform(0.3, 0.9),
        )
        for _ in range(count)
    )


def planet(r: Random, c: Colours) -> str:
    """A planet with its ring among stars: science fiction."""
    sky, x, y, size = (
        stars(r, 34, HEIGHT),
        r.uniform(190, 250),
        r.uniform(62, 92),
        r.uniform(36, 52),
    )
    tilt = f"rotate({r.uniform(-28, -8):.0f} {x:.0f} {y:.0f})"
    ball = [circle(x, y, size * 1.5, c[2], 0.1), circle(x, y, size, c[2], 0.95)]
    shade = circle(x + size * 0.12, y + size * 0.1, size * 0.84, c[1], 0.45)
    ring = shape(
        "ellipse",
        cx=x,
        cy=y,
        rx=size * 1.9,
        ry=size * 0.42,
        fill="none",
        stroke="#fff",
        stroke_width=4,
        opacity=0.75,
        transform=tilt,
    )
    return "".join([sky, *ball, shade, ring])


def confetti(r: Random, c: Colours) -> str:
    """Rays and paper: comedy."""
    x, y, out = r.uniform(180, 260), r.uniform(40, 110), []
    for k in range(14):
        edges = [math.tau * (k + half) / 14 for half in (0, 0.5)]
        out.append(
            polygon(
                [(x, y), *((x + 400 * math.cos(a), y + 400 * math.sin(a)) for a in edges)],
                c[2],
                0.3,
            )
        )
    out += [circle(x, y, 52, c[2], 0.5), circle(x, y, 34, c[2])]
    for _ in range(26):
        at, size, fill = (
            (r.uniform(10, 310), r.uniform(6, 150)),
            r.uniform(2, 8),
            r.choice([c[2], "#fff", c[0]]),
        )
        out.append(circle(*at, size, fill, 0.85))
    return "".join(out)


def bubbles(r: Random, c: Colours) -> str:
    """Large light discs that overlap."""
    out = []
    for _ in range(9):
        x, y, size = r.uniform(90, 320), r.uniform(0, 130), r.uniform(14, 62)
        out.append(circle(x, y, size, r.choice([c[2], c[2], "#fff"]), r.uniform(0.12, 0.5)))
    return "".join(
        [*out, circle(r.uniform(180, 250), r.uniform(50, 90), r.uniform(26, 40), c[2], 0.95)]
    )


def arches(r: Random, c: Colours) -> str:
    """Doors within doors."""
    x, out = r.uniform(190, 240), []
    for k in range(6):
        half, top = 92 - k * 15, 26 + k * 17
        door = f"M{x - half:.0f} 184V{top + half:.0f}A{half} {half} 0 0 1 {x + half:.0f} {top + half:.0f}V184Z"
        out.append(
            shape("path", d=door, fill=c[2] if k % 2 == 0 else c[0], opacity=0.25 + 0.13 * k)
        )
    return "".join(out)


def panes(r: Random, c: Colours) -> str:
    """A window's light falling across a room."""
    slope, out = r.uniform(-0.5, 0.5), []
    for k in range(4):
        for row in range(3):
            x, y = 150 + k * 38 + row * 34 * slope, 14 + row * 44
            corners = [
                (x, y),
                (x + 32, y + 3),
                (x + 32 + 34 * slope, y + 40),
                (x + 34 * slope, y + 37),
            ]
            out.append(polygon(corners, c[2], r.uniform(0.4, 0.95)))
    return circle(230, 70, 110, c[2], 0.12) + "".join(out)


def forest(r: Random, c: Colours) -> str:
    """Bare trunks before a moon: horror."""
    out = [circle(r.uniform(150, 250), r.uniform(54, 80), r.uniform(34, 48), c[2], 0.9)]
    for k in range(13):
        x, width, lean = k * 26 + r.uniform(-9, 9), r.uniform(4, 13), r.uniform(-12, 12)
        head = [(x - width / 2 + lean, -2), (x + width / 3 + lean, -2)]
        out.append(polygon([*head, (x + width, 182), (x - width, 182)], c[0], r.uniform(0.75, 1)))
        for y in (r.uniform(40, 80), r.uniform(80, 130)):
            tip = x + r.choice([-1, 1]) * r.uniform(14, 34)
            out.append(line(x + lean * 0.6, y, tip, y - r.uniform(10, 26), c[0], 2.5))
    return "".join(out)


def hearts(r: Random, c: Colours) -> str:
    """Two discs that meet: romance."""
    x, y, size, apart = r.uniform(190, 230), r.uniform(70, 92), r.uniform(44, 58), r.uniform(22, 34)
    lights = [
        (r.uniform(0, WIDTH), r.uniform(0, HEIGHT), r.uniform(4, 16), r.uniform(0.06, 0.25))
        for _ in range(16)
    ]
    out = [circle(at, height, big, c[2], dim) for at, height, big, dim in lights]
    discs = circle(x - apart, y, size, c[2], 0.85) + circle(x + apart, y, size, "#fff", 0.45)
    return "".join(out) + discs + circle(x, y + size * 0.2, size * 0.34, c[1], 0.55)


def spotlight(r: Random, c: Colours) -> str:
    """Light from above on an empty stage: drama."""
    out, floor = [], r.uniform(128, 144)
    for x in (r.uniform(90, 140), r.uniform(180, 220), r.uniform(240, 290)):
        foot = x + r.uniform(-44, 44)
        cone = [(x - 5, -4), (x + 5, -4), (foot + 42, floor), (foot - 42, floor)]
        out.append(polygon(cone, c[2], r.uniform(0.22, 0.42)))
        out.append(shape("ellipse", cx=foot, cy=floor, rx=42, ry=8, fill=c[2], opacity=0.6))
    return "".join(out) + _curve(r, 160, 4, c[0], 0.5)

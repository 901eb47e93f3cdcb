"""The drawings of covers: each fills a field of 320 x 180 with a few shapes.

A drawing gets random numbers and three colours, from dark to light, and returns SVG elements
without text, links or styles. It is the same for the same random numbers, so the order in which
they are drawn is part of it.
"""
# Tested by tests/studio/page/test_covers.py.

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

WIDTH, HEIGHT = 320, 180
WHITE = "#fff"
Point = tuple[float, float]


class Colours(NamedTuple):
    """The colours of a drawing."""

    deep: str
    middle: str
    light: str


Motif = Callable[[Random, Colours], str]


def shape(tag: str, **attributes: float | str) -> str:
    """An SVG element; numbers are rounded to a hundredth."""
    parts = [tag]
    for name, value in attributes.items():
        text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
        parts.append(f"{name.replace('_', '-')}='{text}'")
    return f"<{' '.join(parts)}/>"


def circle(x: float, y: float, radius: float, fill: str, opacity: float = 1) -> str:
    """A filled circle."""
    return shape("circle", cx=x, cy=y, r=radius, fill=fill, opacity=round(opacity, 2))


def polygon(points: Sequence[Point], fill: str, opacity: float = 1) -> str:
    """A filled polygon."""
    corners = [f"{x:.0f} {y:.0f}" for x, y in points]
    outline = f"M{'L'.join(corners)}Z"
    return shape("path", d=outline, fill=fill, opacity=round(opacity, 2))


def line(start: Point, end: Point, stroke: str, width: float, opacity: float = 1) -> str:
    """A line with round ends."""
    return shape(
        "path",
        d=f"M{start[0]:.0f} {start[1]:.0f}L{end[0]:.0f} {end[1]:.0f}",
        stroke=stroke,
        stroke_width=width,
        stroke_linecap="round",
        opacity=round(opacity, 2),
    )


def _curve(random: Random, top: float, swing: float, fill: str, opacity: float) -> str:
    """Everything below a soft line across the field."""
    heights = [top + random.uniform(-swing, swing) for _ in range(5)]
    first = heights[0]
    bends = ""
    for x, y in zip(range(80, 400, 80), heights[1:], strict=True):
        bends += f"T{x} {y:.0f}"
    below = f"M0 {first:.0f}Q40 {first - swing:.0f} 40 {first:.0f}{bends}V{HEIGHT}H0Z"
    return shape("path", d=below, fill=fill, opacity=opacity)


def shards(random: Random, colours: Colours) -> str:
    """Splinters flying from a corner: action."""
    x = random.uniform(190, 290)
    y = random.uniform(20, 70)
    shapes = circle(x, y, 90, colours.light, 0.12)
    shapes += circle(x, y, 46, colours.light, 0.22)
    for index in range(11):
        angle = math.tau * (index + random.uniform(-0.3, 0.3)) / 11
        near = random.uniform(24, 44)
        far = random.uniform(90, 240)
        half_width = random.uniform(0.03, 0.09)
        corners = []
        for distance, turn in ((near, 0), (far, half_width), (far * 0.8, -half_width)):
            corner_x = x + distance * math.cos(angle + turn)
            corner_y = y + distance * math.sin(angle + turn)
            corners.append((corner_x, corner_y))
        fill = colours.light if index % 3 else colours.middle
        shapes += polygon(corners, fill, random.uniform(0.35, 0.9))
    return shapes


def hills(random: Random, colours: Colours) -> str:
    """Layers of land under a low sun: landscapes and adventures."""
    x = random.uniform(170, 270)
    y = random.uniform(48, 78)
    shapes = circle(x, y, random.uniform(24, 38), colours.light, 0.95)
    shapes += _curve(random, 92, 12, colours.light, 0.3)
    shapes += _curve(random, 112, 12, colours.middle, 0.9)
    shapes += _curve(random, 136, 12, colours.deep, 0.95)
    return shapes


def skyline(random: Random, colours: Colours) -> str:
    """A town at night: crime."""
    shapes = circle(random.uniform(60, 260), 46, 26, colours.light, 0.85)
    x = -6.0
    while x < WIDTH:
        width = random.uniform(18, 40)
        top = random.uniform(58, 128)
        shapes += shape(
            "rect", x=x, y=top, width=width, height=130, fill=colours.deep, opacity=0.92
        )
        for column in range(6, int(width) - 5, 8):
            for y in range(int(top) + 8, 170, 14):
                is_lit = random.random() < 0.35
                if is_lit:
                    shapes += _window(x + column, y, colours.light)
        x += width + random.uniform(0, 3)
    return shapes


def _window(x: float, y: float, fill: str) -> str:
    return shape("rect", x=x, y=y, width=4, height=6, fill=fill, opacity=0.7)


def rings(random: Random, colours: Colours) -> str:
    """Rings around a keyhole: mystery and thrill."""
    x = random.uniform(180, 250)
    y = random.uniform(66, 96)
    shapes = ""
    for index in range(8):
        shapes += shape(
            "circle",
            cx=x,
            cy=y,
            r=index * 19 + 16,
            fill="none",
            stroke=colours.light,
            stroke_width=9 - index,
            opacity=0.75 - 0.08 * index,
        )
    shapes += circle(x, y - 4, 8, colours.light)
    foot = y + 18
    shapes += polygon([(x - 4, y), (x + 4, y), (x + 8, foot), (x - 8, foot)], colours.light)
    return shapes


def night_stars(random: Random, count: int, bottom: float) -> str:
    """Small white stars above `bottom`."""
    shapes = ""
    for _ in range(count):
        x = random.uniform(0, WIDTH)
        y = random.uniform(0, bottom)
        radius = random.choice([1, 1, 2])
        shapes += circle(x, y, radius, WHITE, random.uniform(0.3, 0.9))
    return shapes


def planet(random: Random, colours: Colours) -> str:
    """A planet with its ring among stars: science fiction."""
    shapes = night_stars(random, 34, HEIGHT)
    x = random.uniform(190, 250)
    y = random.uniform(62, 92)
    size = random.uniform(36, 52)
    tilt = random.uniform(-28, -8)
    shapes += circle(x, y, size * 1.5, colours.light, 0.1)
    shapes += circle(x, y, size, colours.light, 0.95)
    shapes += circle(x + size * 0.12, y + size * 0.1, size * 0.84, colours.middle, 0.45)
    shapes += shape(
        "ellipse",
        cx=x,
        cy=y,
        rx=size * 1.9,
        ry=size * 0.42,
        fill="none",
        stroke=WHITE,
        stroke_width=4,
        opacity=0.75,
        transform=f"rotate({tilt:.0f} {x:.0f} {y:.0f})",
    )
    return shapes


def confetti(random: Random, colours: Colours) -> str:
    """Rays and paper: comedy."""
    x = random.uniform(180, 260)
    y = random.uniform(40, 110)
    shapes = ""
    for index in range(14):
        corners = [(x, y)]
        for half in (0, 0.5):
            angle = math.tau * (index + half) / 14
            corners.append((x + 400 * math.cos(angle), y + 400 * math.sin(angle)))
        shapes += polygon(corners, colours.light, 0.3)
    shapes += circle(x, y, 52, colours.light, 0.5)
    shapes += circle(x, y, 34, colours.light)
    for _ in range(26):
        paper_x = random.uniform(10, 310)
        paper_y = random.uniform(6, 150)
        size = random.uniform(2, 8)
        fill = random.choice([colours.light, WHITE, colours.deep])
        shapes += circle(paper_x, paper_y, size, fill, 0.85)
    return shapes


def bubbles(random: Random, colours: Colours) -> str:
    """Large light discs that overlap."""
    shapes = ""
    for _ in range(9):
        x = random.uniform(90, 320)
        y = random.uniform(0, 130)
        size = random.uniform(14, 62)
        fill = random.choice([colours.light, colours.light, WHITE])
        shapes += circle(x, y, size, fill, random.uniform(0.12, 0.5))
    x = random.uniform(180, 250)
    y = random.uniform(50, 90)
    shapes += circle(x, y, random.uniform(26, 40), colours.light, 0.95)
    return shapes


def arches(random: Random, colours: Colours) -> str:
    """Doors within doors."""
    x = random.uniform(190, 240)
    shapes = ""
    for index in range(6):
        half = 92 - index * 15
        spring = 26 + index * 17 + half  # where the arch springs from the posts
        left = f"M{x - half:.0f} 184V{spring:.0f}"
        arch = f"A{half} {half} 0 0 1 {x + half:.0f} {spring:.0f}V184Z"
        fill = colours.light if index % 2 == 0 else colours.deep
        shapes += shape("path", d=left + arch, fill=fill, opacity=0.25 + 0.13 * index)
    return shapes


def panes(random: Random, colours: Colours) -> str:
    """A window's light falling across a room."""
    slope = random.uniform(-0.5, 0.5)
    shapes = circle(230, 70, 110, colours.light, 0.12)
    for column in range(4):
        for row in range(3):
            x = 150 + column * 38 + row * 34 * slope
            y = 14 + row * 44
            top = [(x, y), (x + 32, y + 3)]
            bottom = [(x + 32 + 34 * slope, y + 40), (x + 34 * slope, y + 37)]
            shapes += polygon([*top, *bottom], colours.light, random.uniform(0.4, 0.95))
    return shapes


def bare_trees(random: Random, colours: Colours) -> str:
    """Bare trunks before a moon: horror."""
    x = random.uniform(150, 250)
    y = random.uniform(54, 80)
    shapes = circle(x, y, random.uniform(34, 48), colours.light, 0.9)
    for index in range(13):
        x = index * 26 + random.uniform(-9, 9)
        width = random.uniform(4, 13)
        lean = random.uniform(-12, 12)
        top = [(x - width / 2 + lean, -2), (x + width / 3 + lean, -2)]
        foot = [(x + width, 182), (x - width, 182)]
        shapes += polygon([*top, *foot], colours.deep, random.uniform(0.75, 1))
        branches = (random.uniform(40, 80), random.uniform(80, 130))
        for y in branches:
            tip_x = x + random.choice([-1, 1]) * random.uniform(14, 34)
            tip_y = y - random.uniform(10, 26)
            shapes += line((x + lean * 0.6, y), (tip_x, tip_y), colours.deep, 2.5)
    return shapes


def hearts(random: Random, colours: Colours) -> str:
    """Two discs that meet: romance."""
    x = random.uniform(190, 230)
    y = random.uniform(70, 92)
    size = random.uniform(44, 58)
    apart = random.uniform(22, 34)
    shapes = ""
    for _ in range(16):
        light_x = random.uniform(0, WIDTH)
        light_y = random.uniform(0, HEIGHT)
        radius = random.uniform(4, 16)
        shapes += circle(light_x, light_y, radius, colours.light, random.uniform(0.06, 0.25))
    shapes += circle(x - apart, y, size, colours.light, 0.85)
    shapes += circle(x + apart, y, size, WHITE, 0.45)
    shapes += circle(x, y + size * 0.2, size * 0.34, colours.middle, 0.55)
    return shapes


def spotlight(random: Random, colours: Colours) -> str:
    """Light from above on an empty stage: drama."""
    floor = random.uniform(128, 144)
    lamps = (random.uniform(90, 140), random.uniform(180, 220), random.uniform(240, 290))
    shapes = ""
    for x in lamps:
        foot = x + random.uniform(-44, 44)
        cone = [(x - 5, -4), (x + 5, -4), (foot + 42, floor), (foot - 42, floor)]
        shapes += polygon(cone, colours.light, random.uniform(0.22, 0.42))
        shapes += shape("ellipse", cx=foot, cy=floor, rx=42, ry=8, fill=colours.light, opacity=0.6)
    shapes += _curve(random, 160, 4, colours.deep, 0.5)
    return shapes


def veil(random: Random, colours: Colours) -> str:
    """Soft discs of light across the field: artworks of a romance."""
    shapes = ""
    for _ in range(7):
        radius = random.uniform(14, 46)
        shapes += circle(random.uniform(60, WIDTH), random.uniform(0, 130), radius, WHITE, 0.13)
    return shapes


def streaks(random: Random, colours: Colours) -> str:
    """Slanted lines of speed: artworks of action."""
    shapes = ""
    slope = random.uniform(0.25, 0.7)
    for _ in range(9):
        x = random.uniform(60, 300)
        y = random.uniform(0, 120)
        length = random.uniform(40, 130)
        width = random.uniform(1, 4)
        shapes += line((x, y), (x + length, y - slope * length), WHITE, width, 0.4)
    return shapes


def paper(random: Random, colours: Colours) -> str:
    """Scraps of paper in the air: artworks of a comedy."""
    shapes = ""
    for _ in range(22):
        x = random.uniform(30, 310)
        y = random.uniform(4, 130)
        turn = random.uniform(0, math.tau)
        corners = []
        for corner in range(4):
            angle = turn + math.tau * corner / 4
            corners.append((x + 6 * math.cos(angle), y + 4 * math.sin(angle)))
        shapes += polygon(corners, random.choice([WHITE, colours.light, colours.middle]), 0.8)
    return shapes


def meadow(random: Random, colours: Colours) -> str:
    """Land at the lower edge: artworks of a place."""
    shapes = _curve(random, random.uniform(116, 130), 14, colours.middle, 0.85)
    return shapes + _curve(random, random.uniform(140, 152), 10, colours.deep, 0.95)

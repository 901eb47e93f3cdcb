"""Covers drawn for titles, since their real pictures are not ours.

The genre gives colour and drawing, a picture's theme another drawing, and the title's id what is left to chance.
"""

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from cli import motifs
from cli.motifs import Colours, Motif, circle, line, polygon, shape
from conf.keys import sha256_text


def waves(r: Random, c: Colours) -> str:
    """Lines of height as on a map: documentaries."""
    x, y, out = r.uniform(170, 270), r.uniform(50, 110), []
    for k in range(11):
        points = []
        for angle in (math.tau * n / 24 for n in range(24)):
            wide, tall = (
                1.3 + 0.16 * math.sin(3 * angle + k * 0.4),
                0.8 + 0.12 * math.cos(2 * angle + k * 0.3),
            )
            far = k * 17 + 10
            points.append(
                f"{x + far * wide * math.cos(angle):.0f} {y + far * tall * math.sin(angle):.0f}"
            )
        outline = "M" + "L".join(points) + "Z"
        out.append(
            shape(
                "path",
                d=outline,
                fill="none",
                stroke=c[2],
                stroke_width=1.6,
                opacity=0.9 - 0.06 * k,
            )
        )
    return "".join([*out, circle(x, y, 5, c[2])])


def bars(r: Random, c: Colours) -> str:
    """Bars that dance: musicals."""
    pace = r.uniform(0.5, 0.62)
    heights = [36 + 44 * math.sin(k * pace) ** 2 + r.uniform(0, 46) for k in range(22)]
    return "".join(
        line(10 + k * 14.4, 152, 10 + k * 14.4, 152 - height, c[2] if k % 3 else "#fff", 7, 0.85)
        for k, height in enumerate(heights)
    )


def balloons(r: Random, c: Colours) -> str:
    """Balloons over clouds: for children."""
    out = [
        circle(r.uniform(0, 320), r.uniform(140, 176), r.uniform(20, 40), "#fff", 0.35)
        for _ in range(9)
    ]
    for k in range(5):
        x, y, size = 60 + k * 52 + r.uniform(-14, 14), r.uniform(34, 88), r.uniform(15, 25)
        out.append(line(x, y + size, x + r.uniform(-10, 10), y + size + 46, "#fff", 1.2, 0.7))
        out.append(circle(x, y, size, (c[2], "#fff", c[0])[k % 3], 0.9))
        out.append(circle(x - size * 0.3, y - size * 0.35, size * 0.22, "#fff", 0.7))
    return "".join(out)


def castle(r: Random, c: Colours) -> str:
    """Towers under stars: fantasy."""
    out = [motifs.stars(r, 26, 110), circle(r.uniform(60, 120), 48, 20, c[2], 0.9)]
    for k in range(5):
        x, top, half = 150 + k * 32 + r.uniform(-5, 5), r.uniform(58, 100), r.uniform(9, 14)
        out.append(
            polygon(
                [(x - half, top), (x + half, top), (x + half, 180), (x - half, 180)], c[0], 0.95
            )
        )
        roof = [(x - half - 5, top), (x, top - r.uniform(26, 44)), (x + half + 5, top)]
        out += [polygon(roof, c[2], 0.9), circle(x, top + 22, 3, c[2])]
    return "".join([*out, polygon([(128, 130), (300, 130), (320, 180), (110, 180)], c[0], 0.95)])


def mesas(r: Random, c: Colours) -> str:
    """Table mountains in the evening: westerns."""
    out = [circle(r.uniform(170, 250), 78, r.uniform(36, 46), c[2], 0.95)]
    for x, width, top in (
        (r.uniform(10, 60), 74, r.uniform(80, 100)),
        (r.uniform(190, 240), 90, r.uniform(92, 108)),
    ):
        out.append(
            polygon([(x, top), (x + width, top), (x + width + 18, 160), (x - 18, 160)], c[1], 0.95)
        )
    return "".join([*out, polygon([(0, 144), (320, 136), (320, 180), (0, 180)], c[0], 0.95)])


def _person(x: float, y: float, size: float, fill: str, opacity: float = 1) -> str:
    shoulders = (
        f"C{x - size:.0f} {y + size * 0.8:.0f} {x:.0f} {y + size * 0.9:.0f} {x:.0f} {y + size * 0.3:.0f}"
        + (f"C{x:.0f} {y + size * 0.9:.0f} {x + size:.0f} {y + size * 0.8:.0f} {x + size:.0f} 184Z")
    )
    body = shape("path", d=f"M{x - size:.0f} 184{shoulders}", fill=fill, opacity=opacity)
    return body + shape(
        "ellipse", cx=x, cy=y, rx=size * 0.42, ry=size * 0.54, fill=fill, opacity=opacity
    )


def face(r: Random, c: Colours) -> str:
    """One head before a light: close-ups."""
    x = r.uniform(190, 250)
    return circle(x + r.uniform(-26, 26), 72, 84, c[2], 0.7) + _person(x, 78, 72, c[0], 0.96)


def group(r: Random, c: Colours) -> str:
    """Three of them before a light."""
    x = r.uniform(190, 230)
    sides = "".join(_person(x + side * r.uniform(56, 66), 100, 50, c[0], 0.8) for side in (-1, 1))
    return circle(x, 70, 88, c[2], 0.55) + sides + _person(x, 84, 60, c[0])


# genre: hues of the dark and of the light, drawings
GENRES: dict[str, tuple[int, int, tuple[Motif, ...]]] = {
    "Action": (8, 28, (motifs.shards,)),
    "Adventure": (165, 42, (motifs.hills, mesas)),
    "Animation": (205, 45, (balloons, motifs.bubbles)),
    "Children's": (190, 52, (balloons, castle)),
    "Comedy": (22, 48, (motifs.confetti, motifs.bubbles)),
    "Crime": (225, 205, (motifs.skyline,)),
    "Documentary": (200, 165, (waves,)),
    "Drama": (255, 30, (motifs.spotlight, motifs.panes, motifs.arches, face)),
    "Fantasy": (268, 48, (castle,)),
    "Film-Noir": (215, 40, (motifs.skyline, motifs.panes)),
    "Horror": (352, 8, (motifs.forest,)),
    "Musical": (315, 45, (bars,)),
    "Mystery": (238, 175, (motifs.rings, motifs.arches)),
    "Romance": (338, 18, (motifs.hearts, motifs.bubbles)),
    "Sci-Fi": (232, 190, (motifs.planet,)),
    "Thriller": (178, 150, (motifs.rings, face)),
    "War": (75, 38, (motifs.hills,)),
    "Western": (16, 36, (mesas,)),
}
THEMES: dict[str, Motif] = {
    "romance": motifs.hearts,
    "action": motifs.shards,
    "comedy": motifs.confetti,
    "face": face,
    "group": group,
    "place": motifs.hills,
}
SHAPES: tuple[Motif, ...] = (
    motifs.rings,
    motifs.hills,
    motifs.spotlight,
    waves,
    motifs.hearts,
    motifs.arches,
)
COMMON = frozenset(
    {"Drama", "Comedy"}
)  # say least of a title, so that its other genres are drawn where it has any


class Cover(NamedTuple):
    """A drawing for the field 320 x 180, its two colours behind it, and a slug of the genre it was drawn for."""

    deep: str
    middle: str
    art: str
    genre: str


def cover(title_id: str, genres: Sequence[str], theme: str | None = None) -> Cover:
    """The cover of a title: always the same for the same id, genres and theme. Nothing of them is in its text."""
    r = Random(sha256_text(title_id))  # a drawing, not a secret
    known = [genre for genre in genres if genre in GENRES]
    chosen = r.choice([genre for genre in known if genre not in COMMON] or known or [""])
    dark, light, drawings = GENRES.get(chosen, (r.randrange(360), r.randrange(360), SHAPES))
    shift = r.uniform(-24, 24)
    dark, light = int(dark + shift) % 360, int(light + shift / 2) % 360
    deep, middle = (
        f"hsl({dark},58%,{r.randint(9, 17)}%)",
        f"hsl({(dark + r.randint(4, 34)) % 360},62%,{r.randint(28, 42)}%)",
    )
    colours = (deep, middle, f"hsl({light},{r.randint(74, 92)}%,{r.randint(60, 72)}%)")
    drawn = THEMES.get(theme or "", r.choice(drawings))(r, colours)
    return Cover(deep, middle, drawn, "".join(char for char in chosen.lower() if char.isalpha()))

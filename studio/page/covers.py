"""Covers drawn for titles, since their real artwork is not ours.

The genre gives colours and drawing, a second genre its light, an artwork's theme what stands before
them, and the title's id is the seed of everything random.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import NamedTuple

from conf.keys import sha256_text
from studio.page import motifs
from studio.page.motifs import WHITE, Colours, Motif, circle, line, polygon, shape


def waves(random: Random, colours: Colours) -> str:
    """Contour lines as on a map: documentaries."""
    x = random.uniform(170, 270)
    y = random.uniform(50, 110)
    shapes = ""
    for index in range(11):
        radius = index * 17 + 10
        points = []
        for step in range(24):
            angle = math.tau * step / 24
            width = 1.3 + 0.16 * math.sin(3 * angle + index * 0.4)
            height = 0.8 + 0.12 * math.cos(2 * angle + index * 0.3)
            point_x = x + radius * width * math.cos(angle)
            point_y = y + radius * height * math.sin(angle)
            points.append(f"{point_x:.0f} {point_y:.0f}")
        shapes += shape(
            "path",
            d=f"M{'L'.join(points)}Z",
            fill="none",
            stroke=colours.light,
            stroke_width=1.6,
            opacity=0.9 - 0.06 * index,
        )
    return shapes + circle(x, y, 5, colours.light)


def bars(random: Random, colours: Colours) -> str:
    """Bars that dance: musicals."""
    pace = random.uniform(0.5, 0.62)
    shapes = ""
    for index in range(22):
        height = 36 + 44 * math.sin(index * pace) ** 2 + random.uniform(0, 46)
        x = 10 + index * 14.4
        stroke = colours.light if index % 3 else WHITE
        shapes += line((x, 152), (x, 152 - height), stroke, 7, 0.85)
    return shapes


def balloons(random: Random, colours: Colours) -> str:
    """Balloons over clouds: for children."""
    shapes = ""
    for _ in range(9):
        cloud_x = random.uniform(0, 320)
        cloud_y = random.uniform(140, 176)
        shapes += circle(cloud_x, cloud_y, random.uniform(20, 40), WHITE, 0.35)
    for index in range(5):
        x = 60 + index * 52 + random.uniform(-14, 14)
        y = random.uniform(34, 88)
        size = random.uniform(15, 25)
        string_end = (x + random.uniform(-10, 10), y + size + 46)
        fill = (colours.light, WHITE, colours.deep)[index % 3]
        shapes += line((x, y + size), string_end, WHITE, 1.2, 0.7)
        shapes += circle(x, y, size, fill, 0.9)
        shapes += circle(x - size * 0.3, y - size * 0.35, size * 0.22, WHITE, 0.7)
    return shapes


def castle(random: Random, colours: Colours) -> str:
    """Towers under stars: fantasy."""
    shapes = motifs.night_stars(random, 26, 110)
    shapes += circle(random.uniform(60, 120), 48, 20, colours.light, 0.9)
    for index in range(5):
        x = 150 + index * 32 + random.uniform(-5, 5)
        top = random.uniform(58, 100)
        half = random.uniform(9, 14)
        peak = top - random.uniform(26, 44)
        tower = [(x - half, top), (x + half, top), (x + half, 180), (x - half, 180)]
        roof = [(x - half - 5, top), (x, peak), (x + half + 5, top)]
        shapes += polygon(tower, colours.deep, 0.95)
        shapes += polygon(roof, colours.light, 0.9)
        shapes += circle(x, top + 22, 3, colours.light)
    ground = [(128, 130), (300, 130), (320, 180), (110, 180)]
    return shapes + polygon(ground, colours.deep, 0.95)


def mesas(random: Random, colours: Colours) -> str:
    """Table mountains in the evening: westerns."""
    sun_x = random.uniform(170, 250)
    shapes = circle(sun_x, 78, random.uniform(36, 46), colours.light, 0.95)
    mountains = (
        (random.uniform(10, 60), 74, random.uniform(80, 100)),
        (random.uniform(190, 240), 90, random.uniform(92, 108)),
    )
    for x, width, top in mountains:
        right = x + width
        mountain = [(x, top), (right, top), (right + 18, 160), (x - 18, 160)]
        shapes += polygon(mountain, colours.middle, 0.95)
    ground = [(0, 144), (320, 136), (320, 180), (0, 180)]
    return shapes + polygon(ground, colours.deep, 0.95)


def _person(x: float, y: float, size: float, fill: str, opacity: float = 1) -> str:
    """A head at a point, and shoulders down to the lower edge."""
    left = f"{x - size:.0f}"
    middle = f"{x:.0f}"
    right = f"{x + size:.0f}"
    chest = f"{y + size * 0.9:.0f}"
    shoulder = f"{y + size * 0.8:.0f}"
    left_half = f"C{left} {shoulder} {middle} {chest} {middle} {y + size * 0.3:.0f}"
    right_half = f"C{middle} {chest} {right} {shoulder} {right} 184Z"
    outline = f"M{left} 184{left_half}{right_half}"
    body = shape("path", d=outline, fill=fill, opacity=opacity)
    head_width = size * 0.42
    head_height = size * 0.54
    head = shape("ellipse", cx=x, cy=y, rx=head_width, ry=head_height, fill=fill, opacity=opacity)
    return body + head


def face(random: Random, colours: Colours) -> str:
    """One head before a light: close-ups."""
    x = random.uniform(190, 250)
    light_x = x + random.uniform(-26, 26)
    shapes = circle(light_x, 72, 84, colours.light, 0.7)
    return shapes + _person(x, 78, 72, colours.deep, 0.96)


def one_person(random: Random, colours: Colours) -> str:
    """One head, close: artworks with a face."""
    return _person(
        random.uniform(205, 265), random.uniform(74, 92), random.uniform(54, 72), colours.deep, 0.94
    )


def three_people(random: Random, colours: Colours) -> str:
    """Three people side by side: artworks with a group."""
    x = random.uniform(200, 235)
    shapes = ""
    for side in (-1, 1):
        shapes += _person(
            x + side * random.uniform(50, 62), random.uniform(98, 112), 44, colours.deep, 0.85
        )
    return shapes + _person(x, random.uniform(80, 94), random.uniform(48, 58), colours.deep, 0.96)


# by genre: the hues in degrees of the deep and of the light colour, and the drawings
GENRES: dict[str, tuple[int, int, tuple[Motif, ...]]] = {
    "Action": (8, 28, (motifs.shards, motifs.skyline)),
    "Adventure": (165, 42, (motifs.hills, mesas)),
    "Animation": (205, 45, (balloons, motifs.bubbles)),
    "Children's": (190, 52, (balloons, castle)),
    "Comedy": (22, 48, (motifs.confetti, motifs.bubbles)),
    "Crime": (225, 205, (motifs.skyline, motifs.panes)),
    "Documentary": (200, 165, (waves, motifs.hills)),
    "Drama": (255, 30, (motifs.spotlight, motifs.panes, motifs.arches, face)),
    "Fantasy": (268, 48, (castle, motifs.arches)),
    "Film-Noir": (215, 40, (motifs.skyline, motifs.panes)),
    "Horror": (352, 8, (motifs.bare_trees, motifs.rings)),
    "Musical": (315, 45, (bars, motifs.spotlight)),
    "Mystery": (238, 175, (motifs.rings, motifs.arches)),
    "Romance": (338, 18, (motifs.hearts, motifs.bubbles)),
    "Sci-Fi": (232, 190, (motifs.planet, waves)),
    "Thriller": (178, 150, (motifs.rings, face)),
    "War": (75, 38, (motifs.hills, motifs.shards)),
    "Western": (16, 36, (mesas, motifs.hills)),
}
# by theme of an artwork: what stands before the genre's drawing
THEMES: dict[str, Motif] = {
    "romance": motifs.veil,
    "action": motifs.streaks,
    "comedy": motifs.paper,
    "face": one_person,
    "group": three_people,
    "place": motifs.meadow,
}
OTHER_MOTIFS: tuple[Motif, ...] = (
    motifs.rings,
    motifs.hills,
    motifs.spotlight,
    waves,
    motifs.hearts,
    motifs.arches,
)
# genres that say least of a title: one of its other genres is drawn where it has any
BROAD_GENRES = frozenset({"Drama", "Comedy"})


KEPT = 65_536  # covers in memory, some 3 KB each: 10,000 titles with some pictures


class Cover(NamedTuple):
    """A drawing for the field 320 x 180, its two background colours, and its genre as a CSS class."""

    deep: str
    middle: str
    art: str
    genre: str


def cover(title_id: str, genres: Sequence[str], theme: str | None = None) -> Cover:
    """The cover of a title, always the same for the same id, genres and theme.

    None of these three is in its text, except the genre's letters.
    """
    return _drawn(title_id, tuple(genres), theme if theme in THEMES else None)


@lru_cache(maxsize=KEPT)
def _drawn(title_id: str, genres: tuple[str, ...], theme: str | None) -> Cover:
    random = Random(sha256_text(title_id))  # a drawing, not a secret
    genre, second_genre = _drawn_genres(random, genres)
    other = (random.randrange(360), random.randrange(360), OTHER_MOTIFS)
    deep_hue, light_hue, genre_motifs = GENRES.get(genre, other)
    light_hue = GENRES.get(second_genre, (0, light_hue))[1]
    deep_hue += random.randint(-20, 20)
    light_hue += random.randint(-16, 16)
    colours = _colours(random, deep_hue % 360, light_hue % 360)
    motif = random.choice(genre_motifs)
    art = _seen_from(random, motif(random, colours))
    if theme:
        art += THEMES[theme](random, colours)
    css_class = "".join(char for char in genre.lower() if char.isalpha())
    return Cover(colours.deep, colours.middle, art, css_class)


def _seen_from(random: Random, art: str) -> str:
    """The drawing turned, moved, nearer or farther, and mirrored for every other title."""
    scale = random.uniform(1.0, 1.35)
    mirrored = random.choice((-1, 1))
    x = random.uniform(150, 210) if mirrored > 0 else random.uniform(180, 240)
    place = f"translate({x:.0f} {random.uniform(78, 102):.0f}) rotate({random.uniform(-7, 7):.1f})"
    size = f"scale({mirrored * scale:.2f} {scale:.2f}) translate(-170 -90)"
    return f"<g transform='{place} {size}'>{art}</g>"


def _drawn_genres(random: Random, genres: Sequence[str]) -> tuple[str, str]:
    """The genre that is drawn and another that lends its light; "" where none has a drawing.

    A broad one is drawn only where the title has no other.
    """
    with_drawing = [genre for genre in genres if genre in GENRES]
    specific = [genre for genre in with_drawing if genre not in BROAD_GENRES]
    drawn = random.choice(specific or with_drawing or [""])
    others = [genre for genre in with_drawing if genre != drawn]
    return drawn, random.choice(others or [drawn])


def _colours(random: Random, deep_hue: int, light_hue: int) -> Colours:
    deep_lightness = random.randint(8, 20)
    middle_hue = (deep_hue + random.randint(4, 32)) % 360
    middle_lightness = random.randint(24, 46)
    light_saturation = random.randint(74, 92)
    light_lightness = random.randint(60, 72)
    return Colours(
        deep=f"hsl({deep_hue},58%,{deep_lightness}%)",
        middle=f"hsl({middle_hue},62%,{middle_lightness}%)",
        light=f"hsl({light_hue},{light_saturation}%,{light_lightness}%)",
    )

"""How far apart colours are, for the eye: contrast as WCAG 2 counts it, difference in CIE Lab, and colour blindness."""

from itertools import combinations

Rgb = tuple[int, int, int]

# Machado, Oliveira and Fernandes (2009), severity 1, for linear sRGB.
SIGHTS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: Rgb) -> tuple[float, float, float]:
    """The light of each channel, from 0 to 1."""
    red, green, blue = (
        value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour
    )
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2's contrast ratio, from 1 to 21."""
    lights = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(colour: Rgb, sight: str = "full") -> tuple[float, float, float]:
    """CIE L*a*b* under D65, as seen with that kind of colour sight."""
    light = linear(colour)
    r, g, b = (min(max(sum(k * v for k, v in zip(row, light, strict=True)), 0), 1) for row in SIGHTS[sight])
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one: Rgb, other: Rgb, sight: str = "full") -> float:
    """The distance of two colours in CIE Lab (1976); about 2 can just be told apart side by side."""
    pairs = zip(lab(one, sight), lab(other, sight), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def nearest(colours: list[Rgb], sight: str) -> float:
    """The least difference between any two of the colours."""
    return min(difference(one, other, sight) for one, other in combinations(colours, 2))

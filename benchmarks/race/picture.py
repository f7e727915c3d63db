"""Ratios as an SVG picture: a bar a test, grouped by model and peer, with the range of its rounds and a line at 1."""
import html

WIDTH, LEFT, RIGHT, ROW, GAP, TOP = 860, 270, 70, 20, 16, 56
BETTER, WORSE, TEXT, FAINT = "#2f7d4f", "#b5563c", "#444c56", "#8b949e"  # readable on white and on black


def of(rows, caption):
    """rows: race.json's; the picture as text."""
    most = max([2.0] + [r["ratioMost"] for r in rows]) * 1.05
    scale = (WIDTH - LEFT - RIGHT) / most
    peers = {r["peer"]: None for r in rows}
    parts, y, last = [], TOP, None
    for r in rows:
        if (r["model"], r["peer"]) != last:
            y += GAP if last else 0
            last = r["model"], r["peer"]
            parts.append(text(12, y + 14, r["model"], weight="bold"))
            if len(peers) > 1:
                parts.append(text(12, y + 14 + ROW, "against " + r["peer"]))
        end = LEFT + r["ratio"] * scale
        color = BETTER if r["ratio"] >= 1 else WORSE
        parts.append(text(LEFT - 8, y + 14, r["test"], anchor="end"))
        parts.append(f'<rect x="{LEFT}" y="{y + 3}" width="{end - LEFT:.1f}" height="{ROW - 6}" fill="{color}"/>')
        least, furthest = LEFT + r["ratioLeast"] * scale, LEFT + r["ratioMost"] * scale
        parts.append(f'<path d="M{least:.1f} {y + ROW / 2}H{furthest:.1f}" stroke="{FAINT}" stroke-width="2"/>')
        parts.append(text(max(end, furthest) + 6, y + 14, f"{r['ratio']:.2f}×"))
        y += ROW
    one = LEFT + scale
    parts.append(f'<path d="M{one:.1f} {TOP - 8}V{y + 4}" stroke="{TEXT}" stroke-dasharray="4 3"/>')
    whose = next(iter(peers)) if len(peers) == 1 else "the peer"
    parts.append(text(one, TOP - 14, whose + " = 1", anchor="middle"))
    parts.append(text(12, 22, f"Hearth's tokens a second as a multiple of {whose}'s", weight="bold"))
    parts.append(text(12, y + 24, caption + "; median and range of runs side by side"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 36}" width="{WIDTH}" height="{y + 36}"'
        f' font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">\n{body}\n</svg>\n')


def text(x, y, content, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{html.escape(content)}</text>'

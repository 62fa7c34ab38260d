"""A page walked through by the tab key: all of it is reached, in order, in sight, and nothing holds the focus."""

from collections.abc import Iterator
from itertools import pairwise

from playwright.sync_api import Page as Tab

MOST_KEYS = 500
INNER_STOPS = 12  # a field for date and time, or a film, has several before it lets go
# Everything that can be pressed or filled in, with how it looks before it has the focus; of radio buttons of one name
# the keys reach the chosen one.
REACHABLE = """() => {
  if (document.activeElement) document.activeElement.blur();
  const chosen = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true], video, audio';
  const group = each => each.type === 'radio' && each.name
    && (each.form ? each.form.id + each.form.action : '') + each.name;
  const all = [...document.querySelectorAll(chosen)].filter(each => {
    const shown = each.checkVisibility({checkVisibilityCSS: true}) && each.getClientRects().length;
    return shown && !each.disabled && each.tabIndex >= 0 && !each.closest('[inert]');
  });
  const leaders = new Map();
  for (const each of all) {
    if (group(each) && (each.checked || !leaders.has(group(each)))) leaders.set(group(each), each);
  }
  const style = each => {
    const look = getComputedStyle(each);
    return [look.outlineStyle, look.outlineWidth, look.boxShadow, look.borderColor, look.backgroundColor, look.color,
      look.textDecorationLine, look.clipPath].join();
  };
  const around = each => [each, each.parentElement, ...(each.labels || []), ...each.querySelectorAll('*')].slice(0, 20);
  window.lookOf = each => around(each).filter(Boolean).map(style).join('|');
  const reached = all.filter(each => !group(each) || leaders.get(group(each)) === each);
  reached.forEach((each, place) => {
    each.dataset.reached = 'no';
    each.dataset.place = place;
    each.unfocused = window.lookOf(each);
  });
  return reached.length;
}"""
FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const html = each.outerHTML.slice(0, 160), was = each.dataset.reached || 'other';
  each.dataset.reached = 'yes';
  const box = each.getBoundingClientRect();
  const hit = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]]
    .map(([x, y]) => document.elementFromPoint(box.x + box.width * x, box.y + box.height * y)).filter(Boolean);
  const words = [...(each.labels || [])];
  const mine = thing => each.contains(thing) || thing.contains(each) || words.some(label => label.contains(thing));
  const sticks = thing => thing
    && (['fixed', 'sticky'].includes(getComputedStyle(thing).position) || sticks(thing.parentElement));
  return {
    was, html,
    place: Number(each.dataset.place ?? -1),
    left: document.querySelectorAll('[data-reached=no]').length,
    seen: each.unfocused === undefined || each.matches('video, audio') || window.lookOf(each) !== each.unfocused,
    covered: hit.length > 0 && !hit.some(mine) && sticks(hit[0]),
  };
}"""
LEFT = "() => [...document.querySelectorAll('[data-reached=no]')].map(each => each.outerHTML.slice(0, 160))"
# What acts when it is pressed must be something that keys press too.
ONLY_BY_MOUSE = """() => [...document.querySelectorAll('[hx-get], [hx-post], [hx-delete], [role=button]')]
.filter(each => {
  const trigger = each.getAttribute('hx-trigger') || '';
  const acts = each.matches('a, button, input, select, textarea, form, summary') || each.tabIndex >= 0;
  return !acts && (trigger === '' || /\\bclick\\b/.test(trigger)) && !/from:/.test(trigger);
}).map(each => each.outerHTML.slice(0, 160))"""


def walked(tab: Tab) -> Iterator[str]:
    """What is wrong with a page for somebody who has no mouse."""
    count = tab.evaluate(REACHABLE)
    unseen, covered, places, held = [], [], [], 0
    for _key in range(min(MOST_KEYS, count + 60)):
        tab.keyboard.press("Tab")
        at = tab.evaluate(FOCUSED)
        if at is None:
            if not tab.evaluate(LEFT):
                break
            continue
        held = held + 1 if at["was"] == "yes" else 0
        if held > INNER_STOPS or (held and not at["left"]):
            break
        if at["was"] == "no":
            places.append(at["place"])
            unseen += [] if at["seen"] else [at["html"]]
            covered += [at["html"]] if at["covered"] else []
    back = [now for before, now in pairwise(places) if now < before]
    yield from (f"focus is not seen: {html}" for html in unseen[:3])
    yield from (f"focus is behind something: {html}" for html in covered[:3])
    yield from (f"keys do not reach: {html}" for html in tab.evaluate(LEFT)[:3])
    yield from (f"only a mouse presses: {html}" for html in tab.evaluate(ONLY_BY_MOUSE)[:3])
    if len(back) > 1:  # once the keys begin anew at the top
        yield f"the focus jumps back {len(back)} times, first to element {back[0]}"
    if held > INNER_STOPS:
        yield "the focus is held"

// SVG as text: elements, escaped and with rounded numbers, so that a figure is the same bytes on every machine.

/** Attribute values; undefined leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element with its attributes and children (already formatted). */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const words = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}="${escapeMarkup(shown(value))}"`],
  );
  const opening = [name, ...words].join(" ");
  return children.length === 0 ? `<${opening}/>` : `<${opening}>${children.join("")}</${name}>`;
}

/** A figure of this size in user units, scaled to the width of the page. `description` is what a screen reader says. */
export function figureSvg(
  size: { readonly width: number; readonly height: number },
  description: string,
  ...children: readonly string[]
): string {
  const viewBox = `0 0 ${shown(size.width)} ${shown(size.height)}`;
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox,
    width: size.width,
    height: size.height,
    role: "img",
    "aria-label": description,
  };
  return element("svg", attributes, `\n${children.join("\n")}\n`);
}

/** A word in a figure. `anchor` is start, middle or end. */
export function label(text: string, attributes: Attributes): string {
  return element("text", attributes, escapeMarkup(text));
}

/** A moved group of elements. */
export function movedTo(x: number, y: number, ...children: readonly string[]): string {
  return element("g", { transform: `translate(${shown(x)} ${shown(y)})` }, `\n${children.join("\n")}\n`);
}

/** Text that HTML and SVG show as it is. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A coordinate with at most two decimals: a hundredth of a unit is not seen. */
export function shown(value: string | number): string {
  if (typeof value === "string") return value;
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

// Numbered steps with keys that stay: <ol class="steps"><li class="step" data-step="KEY">…</li></ol>.
import { Extension, Node } from "@tiptap/core";
import { Fragment } from "@tiptap/pm/model";
import { liftListItem } from "@tiptap/pm/schema-list";
import { NodeSelection, Plugin, PluginKey, Selection, TextSelection } from "@tiptap/pm/state";
import { canSplit } from "@tiptap/pm/transform";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { icon } from "../icons.js";
import { resolveKeys } from "../keys.js";

export const keyAttribute = {
  default: null,
  keepOnSplit: false,
  parseHTML: (element) => element.getAttribute("data-step"),
  renderHTML: ({ step }) => (step ? { "data-step": step } : {}),
};

/** Whether others can point at this node: a step, an item of a numbered list, a section that is a step. */
export const isNumbered = (node, parent) =>
  node.type.name === "step" ||
  (node.type.name === "listItem" && parent?.type.name === "orderedList") ||
  (node.type.name === "box" && node.attrs.class === "step");

/** The innermost step or list item around the cursor: {node, pos, index, parent}. */
export function itemAround({ $from }, names = ["step", "listItem"]) {
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (names.includes(node.type.name)) {
      return { node, pos: $from.before(depth), depth, index: $from.index(depth - 1), parent: $from.node(depth - 1) };
    }
  }
  return null;
}

/** Move the item at `pos` one place; answers its new place or null. Keys and the cursor go with it. */
export function moveItem(view, pos, by) {
  const { state } = view;
  const $pos = state.doc.resolve(pos);
  const parent = $pos.parent;
  const index = $pos.index();
  const target = index + by;
  if (target < 0 || target >= parent.childCount) return null;
  const node = parent.child(index);
  const other = parent.child(target);
  const start = by < 0 ? pos - other.nodeSize : pos;
  const swapped = by < 0 ? [node, other] : [other, node];
  const moved = by < 0 ? -other.nodeSize : other.nodeSize;
  const { anchor, head } = state.selection;
  const tr = state.tr.replaceWith(start, start + node.nodeSize + other.nodeSize, Fragment.from(swapped));
  if (anchor >= pos && head <= pos + node.nodeSize && state.selection instanceof TextSelection) {
    tr.setSelection(TextSelection.create(tr.doc, anchor + moved, head + moved));
  } else if (state.selection instanceof NodeSelection && state.selection.from >= pos && state.selection.to <= pos + node.nodeSize) {
    tr.setSelection(NodeSelection.create(tr.doc, state.selection.from + moved));
  }
  view.dispatch(tr.scrollIntoView());
  return { position: target + 1, total: parent.childCount };
}

export const Steps = Node.create({
  name: "steps",
  group: "block list",
  content: "step+",
  parseHTML: () => [{ tag: "ol.steps", priority: 60 }],
  renderHTML: () => ["ol", { class: "steps" }, 0],
  addCommands: () => ({ toggleSteps: () => toggleSteps }),
});

/** Paragraphs become steps, a numbered list becomes steps with its keys, steps become text again. */
function toggleSteps({ state, tr, dispatch, commands }) {
  if (itemAround(state.selection, ["step"])) return commands.liftStep();
  const item = itemAround(state.selection, ["listItem"]);
  const { steps, step } = state.schema.nodes;
  if (item?.parent.type.name === "orderedList") {
    const items = [];
    item.parent.forEach((node) => items.push(step.create({ step: node.attrs.step }, node.content)));
    const from = state.doc.resolve(item.pos).before();
    if (dispatch) {
      const { anchor } = state.selection;
      tr.replaceWith(from, from + item.parent.nodeSize, steps.create(null, items));
      tr.setSelection(TextSelection.near(tr.doc.resolve(anchor)));
    }
    return true;
  }
  return commands.wrapIn("steps");
}

/** Enter: an empty last block of a step begins the next step; an empty step ends the list. */
function enterInStep({ state, view }) {
  const { $from, empty } = state.selection;
  const item = itemAround(state.selection);
  if (!empty || item?.node.type.name !== "step" || $from.depth !== item.depth + 1 || $from.parent.content.size) return false;
  if (item.node.childCount === 1) {
    if (item.index === item.parent.childCount - 1) return liftListItem(item.node.type)(state, view.dispatch);
    return false;
  }
  if ($from.index(item.depth) !== item.node.childCount - 1) return false;
  const { tr } = state;
  tr.delete($from.before(), $from.after());
  const after = tr.mapping.map(item.pos + item.node.nodeSize);
  tr.insert(after, item.node.type.createAndFill());
  view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(after + 1))).scrollIntoView());
  return true;
}

/** Whether the cursor is at the very end of what stands at `depth` and holds other blocks: a caution, a list, a quote. */
function endsBlock($from, depth) {
  if ($from.depth <= depth || $from.parentOffset !== $from.parent.content.size) return false;
  for (let at = depth; at < $from.depth; at += 1) {
    if ($from.index(at) !== $from.node(at).childCount - 1) return false;
  }
  return true;
}

/** Split behind that block: the next step begins with a line of its own, not with a second caution. */
function stepAfterBlock(view, tr, pos, type) {
  tr.insert(pos, view.state.schema.nodes.paragraph.create()).split(pos, 1, [{ type, attrs: { step: null } }]);
  view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(pos + 3))).scrollIntoView());
  return true;
}

/** Split the step at the cursor: the first part keeps the key, the second part will get one. */
function splitStep({ state, view }) {
  const item = itemAround(state.selection, ["step"]);
  if (!item) return false;
  const { tr } = state;
  if (!state.selection.empty) tr.deleteSelection();
  const { $from } = tr.selection;
  if (endsBlock($from, item.depth + 1)) return stepAfterBlock(view, tr, $from.after(item.depth + 1), item.node.type);
  const depth = $from.depth - item.depth + 1;
  const paragraph = state.schema.nodes.paragraph;
  const types = Array.from({ length: depth }, () => null);
  types[0] = { type: item.node.type, attrs: { step: null } };
  if ($from.depth > item.depth && $from.parentOffset === $from.parent.content.size && $from.parent.isTextblock) {
    types[depth - 1] = { type: paragraph };
  }
  if (!canSplit(tr.doc, $from.pos, depth, types)) return false;
  view.dispatch(tr.split($from.pos, depth, types).scrollIntoView());
  return true;
}

/** Backspace at the very start of a step: lift the only or first one, join the others with the step before. */
function backspaceInStep({ state, view }) {
  const { $from, empty } = state.selection;
  const item = itemAround(state.selection);
  if (!empty || item?.node.type.name !== "step" || $from.pos !== item.pos + 2) return false;
  if (item.index === 0) return liftListItem(item.node.type)(state, view.dispatch);
  view.dispatch(state.tr.join(item.pos).scrollIntoView());
  return true;
}

export const Step = Node.create({
  name: "step",
  content: "block+",
  defining: true,
  addOptions: () => ({ t: (key) => key, announce: () => {} }),
  addAttributes: () => ({ step: keyAttribute }),
  parseHTML: () => [{ tag: "li", context: "steps/", priority: 60 }],
  renderHTML: ({ HTMLAttributes }) => ["li", { class: "step", ...HTMLAttributes }, 0],

  addCommands: () => ({
    liftStep: () => ({ state, dispatch }) => liftListItem(state.schema.nodes.step)(state, dispatch),
    splitStep: () => ({ view, state, dispatch }) => (dispatch ? splitStep({ view, state }) : true),
  }),

  addKeyboardShortcuts() {
    const run = (command) => () => command(this.editor);
    return { Enter: run(enterInStep), "Mod-Enter": run(splitStep), Backspace: run(backspaceInStep) };
  },

  addNodeView() {
    const { t, announce } = this.options;
    return ({ editor, getPos, decorations }) => {
      const dom = document.createElement("li");
      dom.className = "step";
      const moves = document.createElement("div");
      moves.className = "step__moves";
      moves.contentEditable = "false";
      const content = document.createElement("div");
      content.className = "step__content";
      dom.append(moves, content);
      const buttons = [-1, 1].map((by) => moveButton(by, () => {
        const place = moveItem(editor.view, getPos(), by);
        if (place) announce(t("moved_to", { n: place.position, total: place.total }));
      }));
      moves.append(...buttons);
      const label = (numbering) => buttons.forEach((button, i) => {
        const n = numbering?.n ?? 1;
        button.ariaLabel = button.title = t(i ? "step_down_n" : "step_up_n", { n });
        button.disabled = numbering ? (i ? n === numbering.total : n === 1) : false;
      });
      label(decorations[0]?.spec);
      return {
        dom,
        contentDOM: content,
        update(next, nextDecorations) {
          if (next.type.name !== "step") return false;
          label(nextDecorations[0]?.spec);
          return true;
        },
        stopEvent: (event) => moves.contains(event.target),
        ignoreMutation: (mutation) => mutation.type !== "selection" && !content.contains(mutation.target),
      };
    };
  },

  addProseMirrorPlugins: () => [numbers()],
});

function moveButton(by, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--icon btn--plain btn--small";
  button.tabIndex = -1; // the keyboard has Alt + arrows and the toolbar: two buttons a step would bury the text
  button.append(icon(by < 0 ? "up" : "down"));
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", act);
  return button;
}

/** Tells each step its number, so that its buttons can say it. */
function numbers() {
  return new Plugin({
    props: {
      handlePaste: (view, event, slice) => pasteSteps(view, slice),
      decorations(state) {
        const found = [];
        state.doc.descendants((node, pos) => {
          if (node.type.name === "steps") {
            node.forEach((child, offset, index) => {
              const from = pos + 1 + offset;
              found.push(Decoration.node(from, from + child.nodeSize, {}, { n: index + 1, total: node.childCount }));
            });
          }
          return !node.isTextblock;
        });
        return DecorationSet.create(state.doc, found);
      },
    },
  });
}

/** Several steps pasted into a step come after it, not inside it. */
function pasteSteps(view, slice) {
  const list = slice.content.childCount === 1 && slice.content.firstChild;
  const item = itemAround(view.state.selection, ["step"]);
  if (!item || list?.type?.name !== "steps" || list.childCount < 2) return false;
  view.dispatch(view.state.tr.insert(item.pos + item.node.nodeSize, list.content).scrollIntoView());
  return true;
}

/** Gives every numbered item a key of its own, and takes it from items that are no longer numbered. */
export const StepKeys = Extension.create({
  name: "stepKeys",
  addProseMirrorPlugins: () => [
    new Plugin({
      key: new PluginKey("stepKeys"),
      appendTransaction(transactions, oldState, state) {
        if (!transactions.some((transaction) => transaction.docChanged)) return null;
        return assignKeys(state.tr, settledPositions(transactions, oldState.doc));
      },
    }),
  ],
});

/** Where each key that was already in the document stands now, by key. */
function settledPositions(transactions, before) {
  const places = new Map();
  before.descendants((node, pos, parent) => {
    if (isNumbered(node, parent) && node.attrs.step) {
      const mapped = transactions.reduce((at, transaction) => at && survivor(transaction, at), { pos });
      if (mapped) places.set(node.attrs.step, mapped.pos);
    }
    return !node.isTextblock;
  });
  return places;
}

function survivor(transaction, { pos }) {
  const result = transaction.mapping.mapResult(pos, 1);
  return result.deletedAfter ? null : { pos: result.pos };
}

/** The transaction with keys put right, or null when nothing needed it. */
export function assignKeys(tr, settled = new Map()) {
  const found = [];
  let changed = false;
  tr.doc.descendants((node, pos, parent) => {
    if (isNumbered(node, parent)) {
      found.push({ pos, key: node.attrs.step, settled: settled.get(node.attrs.step) === pos });
    } else if (node.attrs.step) {
      tr.setNodeAttribute(pos, "step", null);
      changed = true;
    }
    return !node.isTextblock;
  });
  for (const [index, key] of resolveKeys(found)) {
    tr.setNodeAttribute(found[index].pos, "step", key);
    changed = true;
  }
  return changed ? tr : null;
}

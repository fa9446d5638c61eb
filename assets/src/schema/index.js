// All the editor knows, in one list.
import { Blockquote } from "@tiptap/extension-blockquote";
import { Bold } from "@tiptap/extension-bold";
import { Code } from "@tiptap/extension-code";
import { CodeBlock } from "@tiptap/extension-code-block";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { HorizontalRule } from "@tiptap/extension-horizontal-rule";
import { Italic } from "@tiptap/extension-italic";
import { BulletList, ListItem, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Strike } from "@tiptap/extension-strike";
import { Text } from "@tiptap/extension-text";
import { Underline } from "@tiptap/extension-underline";
import { Dropcursor, Gapcursor, Placeholder, UndoRedo } from "@tiptap/extensions";
import { Box, Callout, Kept } from "./blocks.js";
import { Image, Keys, Link, Subscript, Superscript } from "./inline.js";
import { Step, StepKeys, Steps, keyAttribute } from "./steps.js";
import { Table, TableCell, TableHeader, TableRow } from "./tables.js";

// An item may begin with anything: imported lists hold tables, headings and code.
const Item = ListItem.extend({ content: "block+", addAttributes: () => ({ step: keyAttribute }) });

/** The extensions, given what they need to speak: `{t, announce}`. */
export function extensions(voice) {
  return [
    Document, Paragraph, Text, HardBreak, Blockquote, CodeBlock, HorizontalRule,
    Heading.extend({ parseHTML: () => [{ tag: "h1", attrs: { level: 2 } }, ...[2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } }))] })
      .configure({ levels: [2, 3, 4, 5, 6] }),
    Bold, Italic, Underline, Strike, Code, Subscript, Superscript, Keys, Link, Image,
    BulletList, OrderedList, Item,
    Steps, Step.configure(voice), StepKeys,
    Callout.configure(voice), Box, Kept,
    Table, TableRow, TableHeader, TableCell,
    Placeholder.configure({ placeholder: voice.t("editor_empty") }),
    UndoRedo, Gapcursor, Dropcursor.configure({ color: false, class: "editor__drop" }),
  ];
}

// Dialogs: the browser keeps the focus inside and gives it back; Escape closes.

import { alarm, busy, button, el, fill, put } from "./dom.js";
import { key } from "./api.js";

let names = 0;

/**
 * Opens a dialog with a form; resolves to what `submit` gives, or null when it is closed without. What `submit` throws is
 * shown in it, with everything typed still there.
 */
export function open({ title, intro, fields = [], submit, confirm, danger = false, cancel = "Close" }) {
  const label = `dialog-${(names += 1)}`;
  const trouble = el("div");
  let result = null;
  const go = submit && el("button", { type: "submit", class: danger ? "danger" : "primary" }, confirm);
  const form = el("form", {
    method: "dialog",
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      if (!submit) return dialog.close();
      fill(trouble);
      busy(
        go,
        async () => {
          result = (await submit(form)) ?? true;
          dialog.close();
        },
        (problem) => refuse(form, trouble, problem),
      );
    },
  });
  const dialog = el("dialog", { "aria-labelledby": label, onclose: () => dialog.remove() }, form);
  put(
    form,
    el("h2", { id: label }, title),
    intro && el("p", { class: "soft" }, intro),
    fields,
    trouble,
    el(
      "div",
      { class: "actions" },
      go,
      button(cancel, () => dialog.close(), { class: "quiet", autofocus: danger }),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector("input, textarea, select")?.focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(result)));
}

/** Shows what was not accepted, and marks the fields that it names. */
export function refuse(form, trouble, problem) {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
  const note = alarm(problem, { id: `alarm-${(names += 1)}` });
  fill(trouble, note);
  const named = [...problem.message.matchAll(/`([\w]+)`/g)]
    .map(([, name]) => form.elements.namedItem(name))
    .filter((field) => field?.tagName);
  for (const field of named) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-errormessage", note.id);
    field.closest("details")?.setAttribute("open", "");
  }
  if (named.length > 0) named[0].focus();
  else note.scrollIntoView({ block: "nearest" });
}

/** A labelled field. */
export function field(label, control, hint) {
  const id = control.id || `field-${(names += 1)}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    control,
    hint && el("p", { class: "hint", id: `${id}-hint` }, hint),
  );
}

/** Asks before something is done that cannot be undone. */
export const sure = (title, intro, confirm, run) =>
  open({ title, intro, confirm, submit: run, danger: true, cancel: "Keep it" });

let asking = null;

/** Asks for the key; resolves to whether another one was given. Those who knock meanwhile wait for the same answer. */
export function askForKey(problem, refused) {
  // Someone entered another key while this request was out.
  if (problem && key.get() !== refused) return Promise.resolve(true);
  asking ??= keyDialog(problem).finally(() => {
    asking = null;
  });
  return asking;
}

async function keyDialog(problem) {
  const input = el("input", {
    type: "password",
    name: "key",
    autocomplete: "off",
    spellcheck: "false",
    value: key.get(),
  });
  const before = key.get();
  await open({
    title: "Key",
    intro: problem
      ? `This deployment is locked: ${problem.message}.`
      : "Needed where the deployment is locked. It stays in this tab and is forgotten when you close it.",
    fields: [
      field(
        "API key",
        input,
        problem ? "It stays in this tab and is forgotten when you close it." : "Empty to forget it.",
      ),
    ],
    confirm: "Use this key",
    submit: () => key.set(input.value.trim()),
  });
  document.dispatchEvent(new CustomEvent("key"));
  return key.get() !== before;
}

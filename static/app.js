// What HTML and htmx cannot do alone. Every listener is delegated, so parts that
// arrive later need no setup; nothing here is needed to use a page.
(() => {
  "use strict";

  const dialog = () => document.getElementById("dialog");
  const polls = (el) => /(^|,)\s*every\b/.test(el?.getAttribute?.("hx-trigger") ?? "");
  let opener = null; // where the focus goes when the dialog closes
  let held = null; // the element that had the focus before a swap
  // standing is an element that is shown, or the head of the closed menu that it is in.
  const standing = (el) => [el, el?.closest(".menu")?.firstElementChild].find((one) => one?.checkVisibility());

  // --- dialog -------------------------------------------------------------
  function openDialog(source) {
    const d = dialog();
    if (!d.open) {
      opener = source.checkVisibility() ? source : held; // a key opens what a closed menu offers
      d.showModal();
    }
    d.querySelector("[data-focus], [autofocus]")?.focus();
  }

  // "close" does not bubble, so it is caught on its way down.
  document.addEventListener("close", (e) => {
    if (e.target !== dialog()) return;
    e.target.replaceChildren();
    (standing(opener) ?? document.getElementById("main"))?.focus();
    opener = null;
  }, true);

  // --- ticks --------------------------------------------------------------
  let last = null; // the tick that was used last, at which a range begins

  // tick has a range of ticks, or with the one in the head all of them, follow one.
  function tick(box, range) {
    const rows = box.closest("table");
    const head = rows.querySelector("thead .col-tick input");
    const all = [...rows.querySelectorAll("tbody .col-tick input")];
    const ends = [all.indexOf(box), all.indexOf(range && all.includes(last) ? last : box)];
    all.forEach((other, n) => {
      if (box === head || (n >= Math.min(...ends) && n <= Math.max(...ends))) other.checked = box.checked;
    });
    last = box;
    const ticked = all.filter((other) => other.checked).length;
    head.checked = ticked === all.length;
    head.indeterminate = ticked > 0 && !head.checked;
  }

  // --- flashes ------------------------------------------------------------
  // flash shows a message of the browser's own; the markup comes from the page.
  function flash(text) {
    const room = document.getElementById("flash");
    const pattern = document.getElementById("flash-pattern");
    if (!room || !pattern) return;
    if ([...room.querySelectorAll("p")].some((p) => p.textContent.trim() === text)) return;
    const message = pattern.content.cloneNode(true);
    message.querySelector("p").textContent = text;
    room.append(message);
  }

  function dismiss(button) {
    const message = button.closest(".flash");
    const near = message.nextElementSibling ?? message.previousElementSibling;
    message.remove();
    (near?.querySelector("[data-dismiss]") ?? document.getElementById("main"))?.focus();
  }

  // --- pointer and keyboard -------------------------------------------------
  document.addEventListener("click", (e) => {
    const target = e.target;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
    const d = dialog();
    if (d?.open && ((target === d && !inside(d, e)) || target.closest("[data-close]"))) {
      e.preventDefault();
      return d.close();
    }
    const box = target.closest(".col-tick input");
    if (box) tick(box, e.shiftKey);
    const button = target.closest("[data-dismiss]");
    if (button) dismiss(button);
    if (target.closest("[data-print]")) window.print();
  });

  // inside tells the dialog's own padding from its backdrop: both are the dialog.
  function inside(d, e) {
    const box = d.getBoundingClientRect();
    return e.clientX >= box.left && e.clientX <= box.right && e.clientY >= box.top && e.clientY <= box.bottom;
  }

  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      const menu = document.activeElement?.closest("details.menu[open]") ?? document.querySelector("details.menu[open]");
      menu?.querySelector("summary").focus();
      if (menu) menu.open = false;
      return;
    }
    const wanted = document.getElementById({ "/": "q", "?": "shortcuts" }[e.key]);
    if (!wanted || e.ctrlKey || e.metaKey || e.altKey || dialog()?.open || document.body.dataset.keys) return;
    if (e.target.closest("input:not([type=checkbox], [type=radio]), select, textarea")) return;
    e.preventDefault();
    if (e.key === "?") return wanted.click();
    wanted.focus();
    wanted.select();
  });

  // A plain form is sent once: the key makes a second request harmless, this
  // spares the reader its answer. Back brings the page as it was, so it is undone.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) return e.preventDefault();
    form.dataset.sent = "1";
  });

  window.addEventListener("pageshow", (e) => {
    if (!e.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // --- swaps --------------------------------------------------------------
  // A menu that is open stays open when its markup arrives anew.
  document.addEventListener("htmx:before:swap", (e) => {
    held = document.activeElement;
    // A button that waits for its answer is disabled, and has lost the focus.
    if (held === document.body) held = e.detail.ctx.request.submitter ?? held;
    for (const menu of document.querySelectorAll("details.menu[open][id]")) {
      for (const task of e.detail.tasks) {
        task.fragment.querySelector("#" + CSS.escape(menu.id))?.setAttribute("open", "");
      }
    }
  });

  document.addEventListener("htmx:after:swap", (e) => {
    const { sourceElement, target: named } = e.detail.ctx;
    if (polls(sourceElement)) return;
    // An answer that names its own target leaves a selector here.
    const target = typeof named === "string" ? document.querySelector(named) : named;
    const d = dialog();
    if (d && target === d) {
      if (d.childElementCount > 0) openDialog(sourceElement);
      return;
    }
    if (d?.open && (d.contains(held) || d.contains(sourceElement))) {
      opener = target?.isConnected ? heading(target) : null;
      d.close();
    }
    // A refusal stands in the place of a part that it has not the id of.
    const part = target?.isConnected ? target : document.getElementById(target?.id) ?? document.getElementById("main");
    if (!part) return;
    if (sourceElement?.closest?.(".pager")) {
      part.querySelector(".scrollport")?.scrollTo(0, 0);
      if (part.getBoundingClientRect().top < 0) part.scrollIntoView();
    }
    settle(part);
    focusAfter(part);
  });

  // settle brings fields to what the server says: a morph moves attributes, and a tick
  // or choice that was touched no longer follows its own. A row may be another one now.
  function settle(part) {
    last = null;
    for (const field of part.querySelectorAll(":is(.filters, .tools, .col-tick) :is(input, select)")) {
      field.indeterminate = false;
      if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
      for (const option of field.options ?? []) option.selected = option.defaultSelected;
    }
  }

  // focusAfter moves the focus to what the new part says is important, or, where it
  // would be lost, to what had it, to the menu that this was in, or to the part itself.
  function focusAfter(part) {
    const wanted = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
    if (wanted) return wanted.focus();
    const now = document.activeElement;
    if (now !== document.body && now.checkVisibility()) return;
    const back = standing(held) ?? heading(part); // where nothing had it, the body
    if (back.tabIndex < 0 && back !== document.body) back.setAttribute("tabindex", "-1");
    back.focus({ preventScroll: true });
  }

  // heading is where the focus lands in a part: its first words.
  const heading = (part) => part.querySelector("h1") ?? part;

  // --- trouble ------------------------------------------------------------
  // A poll that fails says nothing: the next one may succeed.
  document.addEventListener("htmx:error", (e) => {
    if (polls(e.detail.ctx?.sourceElement)) return;
    flash("There was no answer. Load the page again to see where things stand.");
  });

  document.addEventListener("htmx:response:error", (e) => {
    const { response, sourceElement } = e.detail.ctx;
    if (response.status < 500 || polls(sourceElement)) return;
    flash(`The server could not do this (${response.status}). Load the page again to see where things stand.`);
  });
})();

// What HTML and htmx cannot do alone. Every listener is delegated, so parts that
// arrive later need no setup; nothing here is needed to use a page.
(() => {
  "use strict";

  const dialog = () => document.getElementById("dialog");
  const polls = (el) => /(^|,)\s*every\b/.test(el?.getAttribute?.("hx-trigger") ?? "");
  let opener = null; // where the focus goes when the dialog closes
  let held = null; // the element that had the focus before a swap

  // --- dialog -------------------------------------------------------------

  function openDialog(source) {
    const d = dialog();
    if (!d.open) {
      opener = source;
      d.showModal();
    }
    const first = d.querySelector("[data-focus], [autofocus]");
    first?.focus();
  }

  function closed(d) {
    d.replaceChildren();
    const back = opener?.isConnected ? opener : document.getElementById("main");
    opener = null;
    back?.focus();
  }

  // "close" does not bubble, so it is caught on its way down.
  document.addEventListener("close", (e) => {
    if (e.target === dialog()) closed(e.target);
  }, true);

  // --- menus --------------------------------------------------------------

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
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
    closeMenus(target);
    const d = dialog();
    if (d?.open) {
      const outside = target === d && !inside(d, e);
      if (outside || target.closest("[data-close]")) {
        e.preventDefault();
        d.close();
        return;
      }
    }
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
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      return;
    }
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || dialog()?.open) return;
    if (e.target.closest("input, select, textarea, [contenteditable]")) return;
    const search = document.getElementById("q");
    if (!search) return;
    e.preventDefault();
    search.focus();
    search.select();
  });

  // A plain form is sent once: the key makes a second request harmless, this
  // spares the reader its answer. Back brings the page as it was, so it is undone.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      e.preventDefault();
      return;
    }
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
    const part = target?.isConnected ? target : document.getElementById(target?.id);
    if (!part) return;
    if (sourceElement?.closest?.(".pager")) {
      part.querySelector(".scrollport")?.scrollTo(0, 0);
      if (part.getBoundingClientRect().top < 0) part.scrollIntoView();
    }
    settle(part);
    focusAfter(part);
  });

  // settle brings the filters to what the server says: a morph moves attributes,
  // and a tick or choice that was touched no longer follows its own.
  function settle(part) {
    for (const field of part.querySelectorAll("form.filters :is(input, select), #sort")) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
      for (const option of field.options ?? []) option.selected = option.defaultSelected;
    }
  }

  // focusAfter moves the focus to what the new part says is important, or, where
  // the element that had it is gone, to the part itself, so that it is not lost.
  function focusAfter(part) {
    const wanted = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
    if (wanted) {
      wanted.focus();
      return;
    }
    if (held?.isConnected || document.activeElement !== document.body) return;
    const landing = heading(part);
    if (!landing.hasAttribute("tabindex")) landing.setAttribute("tabindex", "-1");
    landing.focus({ preventScroll: true });
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

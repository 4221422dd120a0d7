// The page works without this file. With it: it refreshes itself in place, Ctrl+K goes anywhere, links to Airflow leave the frame.
"use strict";
(() => {
  const PERIODE = 60000;

  // Inside Airflow's frame, a link to Airflow is followed by the frame's parent.
  document.addEventListener("click", (evenement) => {
    const lien = evenement.target.closest("a[data-airflow]");
    if (!lien || window.parent === window) return;
    try {
      const relais = window.parent.document.createElement("a");
      relais.href = lien.href;
      window.parent.document.body.append(relais);
      relais.click();
      relais.remove();
      evenement.preventDefault();
    } catch { /* another origin: the link opens here */ }
  });

  const isBusy = () => {
    const actif = document.activeElement;
    return document.hidden || (actif && actif.matches("input, textarea, select")) || document.querySelector("form[data-saisie]")
      || !getSelection().isCollapsed;
  };
  document.addEventListener("input", (e) => e.target.form && e.target.form.method === "post" && e.target.form.setAttribute("data-saisie", ""));

  // What is the same thing in two versions of the page: its id, else what it is, where it leads and what it says.
  const name = (e) => e.id || [e.tagName, e.getAttribute("href"), e.name, e.textContent.trim().slice(0, 80)].join("|");
  const find = (racine, nom, genre) => [...racine.querySelectorAll(genre)].find((e) => name(e) === nom);
  const REPERES = "h1, h2, h3, summary, tbody th, .carte li, dt";

  // Only what changed is replaced; what the reader was looking at stays where it was, open or closed, focused or not.
  const refresh = async () => {
    if (isBusy()) return;
    let texte;
    try {
      const reponse = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!reponse.ok || reponse.redirected) return;
      texte = await reponse.text();
    } catch { return; }
    const neuf = new DOMParser().parseFromString(texte, "text/html").querySelector("main");
    const ancien = document.querySelector("main");
    if (!neuf || isBusy()) return;
    ancien.querySelectorAll("details[id]").forEach((d) => neuf.querySelector(`#${CSS.escape(d.id)}`)?.toggleAttribute("open", d.open));
    if (neuf.innerHTML === ancien.innerHTML) return;
    const repere = [...ancien.querySelectorAll(REPERES)].find((e) => e.getBoundingClientRect().top >= 0);
    const [quoi, haut] = repere ? [name(repere), repere.getBoundingClientRect().top] : [];
    const actif = ancien.contains(document.activeElement) && document.activeElement !== ancien ? name(document.activeElement) : null;
    const cadres = [...ancien.querySelectorAll(".defile")].map((d) => [d.getAttribute("aria-label") || d.getAttribute("aria-labelledby"), d.scrollLeft, d.scrollTop]);
    const [anciens, neufs] = [[...ancien.children], [...neuf.children]];
    if (anciens.length === neufs.length) {
      anciens.forEach((element, rang) => element.outerHTML === neufs[rang].outerHTML || element.replaceWith(neufs[rang]));
    } else {
      ancien.replaceChildren(...neufs);
    }
    ancien.querySelectorAll(".defile").forEach((d) => {
      const cadre = cadres.find(([nom]) => nom === (d.getAttribute("aria-label") || d.getAttribute("aria-labelledby")));
      if (cadre) [, d.scrollLeft, d.scrollTop] = cadre;
    });
    if (actif && !ancien.contains(document.activeElement)) find(ancien, actif, "a, button, summary, [tabindex]")?.focus({ preventScroll: true });
    const apres = quoi && find(ancien, quoi, REPERES);
    if (apres) scrollBy(0, apres.getBoundingClientRect().top - haut);
  };
  if (document.querySelector("main[id]") && !document.querySelector(".erreur")) setInterval(refresh, PERIODE);

  // On a phone the menu slides: the screen that one is on is in sight.
  document.querySelector(".bandeau [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // Ctrl+K: to a Caf, an indicator, a month or a screen, by a few letters of its name.
  const fold = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const racine = document.body.dataset.racine;
  const nav = document.querySelector(".bandeau nav");
  if (!nav) return;
  const bouton = document.createElement("button");
  bouton.className = "second aller";
  bouton.type = "button";
  bouton.setAttribute("aria-keyshortcuts", "Control+K");
  bouton.innerHTML = 'Aller à… <kbd>Ctrl K</kbd>';
  nav.before(bouton);
  let boite, lieux;
  const open = async () => {
    if (!boite) {
      boite = document.createElement("dialog");
      boite.className = "lieux";
      boite.innerHTML = '<label for="lieu">Aller à une Caf, un indicateur, un mois, un écran</label>'
        + '<input id="lieu" role="combobox" aria-expanded="true" aria-controls="lieux" aria-autocomplete="list" autocomplete="off">'
        + '<ul id="lieux" role="listbox" aria-label="Lieux"></ul>';
      document.body.append(boite);
      const champ = boite.querySelector("input");
      champ.addEventListener("input", () => show(champ, 0));
      champ.addEventListener("keydown", (e) => {
        const options = [...boite.querySelectorAll("a")];
        const rang = options.findIndex((a) => a.getAttribute("aria-selected") === "true");
        if (e.key === "ArrowDown" || e.key === "ArrowUp") {
          e.preventDefault();
          select(champ, options, (rang + (e.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
        } else if (e.key === "Enter" && options[rang]) options[rang].click();
      });
      boite.addEventListener("click", (e) => e.target === boite && boite.close());
    }
    boite.showModal();
    boite.querySelector("input").select();
    lieux ??= await fetch(`${racine}/lieux.json${location.search}`).then((r) => r.json()).catch(() => []);
    show(boite.querySelector("input"), 0);
  };
  const select = (champ, options, rang) => {
    options.forEach((a, n) => a.setAttribute("aria-selected", n === rang));
    champ.setAttribute("aria-activedescendant", options[rang]?.id ?? "");
    options[rang]?.scrollIntoView({ block: "nearest" });
  };
  const show = (champ, rang) => {
    const mots = fold(champ.value).split(/\s+/);
    const trouves = (lieux ?? []).filter((l) => mots.every((m) => fold(l.nom + " " + l.genre).includes(m))).slice(0, 12);
    const liste = boite.querySelector("ul");
    liste.replaceChildren(...trouves.map((l, n) => {
      const lien = document.createElement("a");
      Object.assign(lien, { id: `lieu-${n}`, href: racine + l.lien, textContent: l.nom, tabIndex: -1, role: "option" });
      const genre = document.createElement("span");
      genre.className = "note";
      genre.textContent = ` ${l.genre}`;
      lien.append(genre);
      const ligne = document.createElement("li");
      ligne.setAttribute("role", "presentation");
      ligne.append(lien);
      return ligne;
    }));
    select(champ, [...liste.querySelectorAll("a")], rang);
  };
  bouton.addEventListener("click", open);
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); open(); }
  });
})();

// The page works without this file. With it: the page refreshes itself in place, tables sort, links to Airflow leave the frame.
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
    return document.hidden || (actif && actif.matches("input, textarea, select")) || document.querySelector("form[data-saisie]");
  };
  document.addEventListener("input", (e) => e.target.form && e.target.form.method === "post" && e.target.form.setAttribute("data-saisie", ""));

  // Only what changed is replaced: scroll, open details and focus stay where the reader left them.
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
    const ouverts = [...ancien.querySelectorAll("details[open][id]")].map((d) => d.id);
    ouverts.forEach((id) => neuf.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", ""));
    if (neuf.innerHTML === ancien.innerHTML) return;
    const [anciens, neufs] = [[...ancien.children], [...neuf.children]];
    const actif = document.activeElement?.id;
    if (anciens.length === neufs.length) {
      anciens.forEach((element, rang) => element.outerHTML === neufs[rang].outerHTML || element.replaceWith(neufs[rang]));
    } else {
      ancien.replaceChildren(...neufs);
    }
    if (actif) document.getElementById(actif)?.focus({ preventScroll: true });
  };
  if (document.querySelector("main[id]") && !document.querySelector(".erreur")) setInterval(refresh, PERIODE);
})();

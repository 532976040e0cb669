"use strict";
(() => {
  const D = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const make = (name, attributes = {}, ...children) => {
    const e = document.createElementNS(SVG, name);
    for (const k in attributes) e.setAttribute(k, attributes[k]);
    e.append(...children);
    return e;
  };
  const html = (name, properties = {}, ...children) => {
    const e = Object.assign(document.createElement(name), properties);
    e.append(...children);
    return e;
  };
  const seconds = (ms) => (ms / 1000).toFixed(3) + "s";
  const short = (ms) => { /* as Go prints a duration */
    const s = ms / 1000, h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60, r = +(s % 60).toFixed(3);
    return h ? `${h}h${m}m${r}s` : m ? `${m}m${r}s` : `${r}s`;
  };
  /* kubectl's ages: apimachinery util/duration HumanDuration. */
  const age = (ms) => {
    const s = Math.floor(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
    if (s < 120) return `${s}s`;
    if (m < 10) return s % 60 ? `${m}m${s % 60}s` : `${m}m`;
    if (m < 180) return `${m}m`;
    if (h < 8) return m % 60 ? `${h}h${m % 60}m` : `${h}h`;
    if (h < 48) return `${h}h`;
    if (d < 8) return h % 24 ? `${d}d${h % 24}h` : `${d}d`;
    return `${d}d`;
  };
  const END = Math.max(D.end, 1);
  let now = END, zoom = 1, chosen = -1, playing = 0;

  /* ---- states: colour and pattern ---- */
  const defs = make("defs");
  const paint = D.states.map(([name, means, color, pattern], i) => {
    if (!pattern) return color;
    const p = make("pattern", { id: "p" + i, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
      make("rect", { width: 8, height: 8, fill: color, opacity: .38 }),
      make("path", { d: pattern, stroke: color, "stroke-width": 2, fill: "none" }));
    defs.append(p);
    return `url(#p${i})`;
  });
  const used = new Set(D.lanes.flatMap((l) => l.s.map((s) => s[2])));
  D.states.forEach(([name, means], i) => {
    if (!used.has(i)) return;
    const box = make("svg", { width: 22, height: 12, "aria-hidden": "true" },
      make("rect", { width: 22, height: 12, fill: paint[i], stroke: D.states[i][2] }));
    $("legend").append(html("li", { title: means }, box, name));
  });

  /* ---- lanes ---- */
  const ROW = 20, HEAD = 26;
  const label = Math.min(300, 24 + 7.8 * Math.max(6, ...D.lanes.map((l) => l.n.length + (l.k === 2 ? 2 : 0))));
  const width = () => Math.max(300, ($("scroller").clientWidth - label - 14) * zoom);
  const x = (t) => label + (t / END) * width();
  const steps = [10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5];
  const ticks = () => {
    const most = Math.max(2, Math.floor(width() / 80));
    const step = steps.find((s) => END / s <= most) || 864e5 * Math.ceil(END / 864e5 / most);
    const all = [];
    for (let t = 0; t <= END; t += step) all.push(t);
    return all;
  };
  let line;
  function draw() {
    const svg = $("lanes"), w = x(END) + 14, h = HEAD + D.lanes.length * ROW + 6;
    svg.replaceChildren(defs);
    svg.setAttribute("width", w);
    svg.setAttribute("height", h);
    svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    if (chosen >= 0) svg.append(make("rect", { class: "chosen", x: 0, y: HEAD + chosen * ROW, width: w, height: ROW }));
    for (const t of ticks())
      svg.append(make("line", { class: "tick", x1: x(t), x2: x(t), y1: HEAD - 6, y2: h }),
        make("text", { x: x(t), y: 14, "text-anchor": t === 0 ? "start" : t > END * .97 ? "end" : "middle" }, short(t)));
    D.lanes.forEach((l, i) => {
      const y = HEAD + i * ROW, pad = l.k === 2 ? 5 : 3;
      const text = make("text", { x: l.k === 2 ? 20 : 6, y: y + 14, "font-weight": l.k === 2 ? 400 : 600 }, l.n);
      svg.append(text);
      for (const s of l.s) {
        const over = D.states[s[2]][4];
        const r = make("rect", { x: x(s[0]), y: over ? y + 8 : y + pad, width: Math.max(.5, x(s[1]) - x(s[0])),
          height: over ? 4 : ROW - 2 * pad, fill: paint[s[2]], stroke: D.states[s[2]][2], "stroke-width": .7 },
        make("title", {}, `${l.n}: ${D.states[s[2]][0]}${s[3] ? ", " + s[3] : ""}, ${seconds(s[0])} to ${seconds(s[1])}`));
        svg.append(r);
      }
      for (const m of l.m)
        svg.append(make("text", { x: x(m[0]), y: y + 15, "text-anchor": "middle", class: m[1] === "✗" || m[1] === "M" ? "bad" : "", style: "font-weight:700;paint-order:stroke;stroke:var(--bg);stroke-width:3px" },
          m[1], make("title", {}, `${m[2]}, ${seconds(m[0])}`)));
    });
    line = make("line", { class: "now", y1: HEAD - 8, y2: h });
    svg.append(line);
    place();
  }
  $("lanes-text").textContent = `Pods: ${D.lanes.filter((l) => l.k === 1).length}, over ${short(END)}. ✗ a probe failed, ↻ a restart, M out of memory. The table below says the same in words.`;

  /* ---- series ---- */
  function charts() {
    $("charts").replaceChildren();
    const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a87400", "#3f96c9"];
    for (const c of D.charts) {
      const W = 1000, most = Math.max(1, ...c.lines.flatMap((l) => l.p.map((p) => p[1])));
      const svg = make("svg", { viewBox: `0 0 ${W} 74`, preserveAspectRatio: "none", role: "img", "aria-label": `${c.title}: ` + c.lines.map((l) => `${l.n}, at the end ${l.p[l.p.length - 1][1]}`).join("; ") });
      c.lines.forEach((l, i) => {
        let d = "", last = 0;
        for (const [t, v] of l.p) {
          const px = t / END * W, py = 68 - v / most * 60;
          d += d ? `H${px.toFixed(1)}V${py.toFixed(1)}` : `M${px.toFixed(1)} ${py.toFixed(1)}`;
          last = v;
        }
        svg.append(make("path", { d: d + `H${W}`, fill: "none", stroke: colors[i % 6], "stroke-width": 2, "vector-effect": "non-scaling-stroke", "stroke-dasharray": l.d ? "6 4" : "none" }));
      });
      const names = html("span");
      c.lines.forEach((l, i) => names.append(html("span", { style: `border-bottom:3px ${l.d ? "dashed" : "solid"} ${colors[i % 6]};margin-left:.9rem` }, l.n)));
      $("charts").append(html("figure", {}, html("figcaption", {}, `${c.title} (0 to ${most})`, names), svg));
    }
  }

  /* ---- kubectl get pods ---- */
  const at = (versions, t) => {
    let found = null;
    for (const v of versions) if (v[0] <= t) found = v; else break;
    return found;
  };
  function view() {
    const rows = [["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]];
    for (const p of [...D.pods].sort((a, b) => (a.n < b.n ? -1 : 1))) {
      const v = at(p.v, now);
      if (!v || v[2] === null) continue;
      const restarts = v[3] && v[4] !== null ? `${v[3]} (${age(now - v[4])} ago)` : `${v[3]}`;
      rows.push([p.n, v[1], v[2], restarts, age(now - p.c), v[5] || "<none>", v[6] || "<none>"]);
    }
    const wide = rows[0].map((_, c) => Math.max(...rows.map((r) => r[c].length)));
    const text = (rs, ws) => rs.map((r) => r.map((c, i) => (i < r.length - 1 ? c.padEnd(ws[i] + 3) : c)).join("")).join("\n");
    let out = "$ kubectl get pods -o wide\n" + (rows.length > 1 ? text(rows, wide) : "No resources found in default namespace.");
    const counts = D.charts.flatMap((c) => c.lines.map((l) => [l.n, at(l.p, now)])).filter(([, p]) => p);
    if (counts.length) out += "\n\n" + counts.map(([n, p]) => `${n}: ${p[1]}`).join("\n");
    $("view").textContent = out;
  }

  /* ---- what happened ---- */
  const tones = ["", "good", "warn", "bad", "action", ""];
  const objects = [...new Set(D.rows.map((r) => r[1]).filter(Boolean))];
  for (const o of objects) $("about").append(html("option", { value: o }, o));
  let trs = [];
  function list() {
    const filter = $("filter").value, about = $("about").value;
    $("rows").replaceChildren();
    trs = [];
    D.rows.forEach((r, i) => {
      if ((filter && r[4] !== 2 && r[4] !== 3) || (about && r[1] !== about)) return;
      const what = html("td", { className: tones[r[4]] });
      if (r[5] !== null) {
        const b = html("button", { type: "button", textContent: "why" });
        b.setAttribute("aria-label", `why: ${r[1]} ${r[2]}`);
        b.addEventListener("click", (e) => { e.stopPropagation(); go(r[0]); why(r[5]); });
        what.append(b);
      }
      what.append(r[2]);
      const tr = html("tr", {}, html("td", {}, seconds(r[0])), html("td", {}, r[1] || ""), what, html("td", { className: "quiet" }, r[3] || ""));
      tr.addEventListener("click", () => go(r[0]));
      trs.push([r[0], tr, r]);
      $("rows").append(tr);
    });
    mark();
  }
  function mark() {
    let last = null;
    for (const [t, tr] of trs) {
      tr.classList.toggle("future", t > now);
      tr.classList.remove("now");
      if (t <= now) last = tr;
    }
    if (last) {
      last.classList.add("now");
      const box = last.closest(".rows");
      box.scrollTop = Math.max(0, last.offsetTop - box.clientHeight / 2);
    }
  }
  function why(index) {
    const chain = D.chains[index], ol = html("ol");
    for (const [t, who, what, rule, fields] of chain.steps) {
      const li = html("li", {}, html("strong", {}, `${seconds(t)} ${who}: `), what);
      if (rule) li.append(html("span", { className: "rule" }, "rule: " + rule));
      for (const f of fields) li.append(html("span", { className: "field" }, f));
      ol.append(li);
    }
    $("why-body").replaceChildren(html("p", { className: "symptom" }, chain.symptom), ol);
    if (matchMedia("(max-width: 900px)").matches) $("why").scrollIntoView();
  }
  function whyHere() {
    let best = null;
    for (const r of D.rows) if (r[0] <= now && r[5] !== null) best = r;
    if (best) why(best[5]);
  }

  /* ---- time ---- */
  function place() {
    line.setAttribute("x1", x(now));
    line.setAttribute("x2", x(now));
    $("now").textContent = $("view-time").textContent = seconds(now);
    $("time").value = Math.round((now / END) * 1000);
    $("time").setAttribute("aria-valuetext", seconds(now));
  }
  let pending = 0;
  function go(t, quiet) {
    now = Math.min(END, Math.max(0, t));
    place();
    view();
    mark();
    clearTimeout(pending);
    if (!quiet) pending = setTimeout(link, 200);
  }
  function link() {
    const pod = chosen >= 0 ? "&pod=" + encodeURIComponent(D.lanes[chosen].n) : "";
    const hash = `#t=${+(now / 1000).toFixed(3)}${pod}`;
    $("link").textContent = hash;
    history.replaceState(null, "", hash);
  }
  function choose(i) {
    chosen = Math.min(D.lanes.length - 1, Math.max(-1, i));
    draw();
    link();
  }
  function setZoom(z) {
    const before = x(now) - $("scroller").scrollLeft;
    zoom = Math.min(200, Math.max(1, z));
    draw();
    $("scroller").scrollLeft = x(now) - before;
  }
  function play() {
    playing = playing ? 0 : 1;
    $("play").textContent = playing ? "Pause" : "Play";
    if (playing && now >= END) go(0);
    let last = performance.now();
    const step = (stamp) => {
      if (!playing) return;
      go(now + (stamp - last) / 20000 * END, true); /* a run takes 20 s */
      last = stamp;
      if (now >= END) play(); else requestAnimationFrame(step);
    };
    if (playing) requestAnimationFrame(step); else link();
  }
  function theme() {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("--bg").trim() !== "#ffffff";
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  }
  function help() {
    $("help").hidden = !$("help").hidden;
    $("help-button").setAttribute("aria-expanded", String(!$("help").hidden));
  }
  const step = (d) => { /* to the next event */
    const times = trs.map((t) => t[0]);
    const next = d > 0 ? times.find((t) => t > now + .5) : times.filter((t) => t < now - .5).pop();
    go(next === undefined ? (d > 0 ? END : 0) : next);
  };
  const keys = {
    ArrowRight: (e) => (e.shiftKey ? go(now + END / zoom / 100) : step(1)),
    ArrowLeft: (e) => (e.shiftKey ? go(now - END / zoom / 100) : step(-1)),
    ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1),
    Home: () => go(0), End: () => go(END), "+": () => setZoom(zoom * 1.5), "=": () => setZoom(zoom * 1.5), "-": () => setZoom(zoom / 1.5),
    0: () => setZoom(1), " ": play, d: theme, w: whyHere, "?": help,
  };
  document.addEventListener("keydown", (e) => {
    const tag = e.target.tagName, inChart = e.target.id === "scroller" || e.target === document.body;
    if (e.ctrlKey || e.metaKey || e.altKey || tag === "SELECT" || (tag === "INPUT" && e.key !== "?")) return;
    if ((tag === "BUTTON" && (e.key === " " || e.key === "Enter")) || (!inChart && /^Arrow|Home|End/.test(e.key))) return;
    if (keys[e.key]) { e.preventDefault(); keys[e.key](e); }
  });
  $("time").addEventListener("input", (e) => go((e.target.value / 1000) * END));
  $("lanes").addEventListener("click", (e) => {
    const box = $("lanes").getBoundingClientRect(), px = e.clientX - box.left;
    chosen = Math.floor((e.clientY - box.top - HEAD) / ROW);
    if (chosen >= D.lanes.length) chosen = -1;
    if (px >= label) now = Math.min(END, Math.max(0, (px - label) / width() * END));
    draw();
    go(now);
  });
  $("scroller").addEventListener("wheel", (e) => {
    if (!e.ctrlKey) return;
    e.preventDefault();
    setZoom(zoom * (e.deltaY < 0 ? 1.2 : 1 / 1.2));
  }, { passive: false });
  $("zoom-in").onclick = () => setZoom(zoom * 1.5);
  $("zoom-out").onclick = () => setZoom(zoom / 1.5);
  $("zoom-all").onclick = () => setZoom(1);
  $("play").onclick = play;
  $("theme").onclick = theme;
  $("help-button").onclick = help;
  $("filter").onchange = $("about").onchange = list;
  addEventListener("resize", draw);
  function fromLink() {
    const q = new URLSearchParams(location.hash.slice(1));
    if (q.has("pod")) chosen = D.lanes.findIndex((l) => l.n === q.get("pod") || l.n === "pod/" + q.get("pod"));
    if (q.has("t") && !isNaN(+q.get("t"))) now = Math.min(END, Math.max(0, +q.get("t") * 1000));
  }
  addEventListener("hashchange", () => { fromLink(); draw(); go(now, true); });

  $("title").textContent = D.title;
  $("summary").textContent = D.summary;
  fromLink();
  list();
  draw();
  charts();
  go(now, true);
  link();
})();

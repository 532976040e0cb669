// check.js - uses the page as a reader would, inside of a browser, and leaves what it found in <pre id="checks">. page.py
// puts it at the end of the page, behind axe-core.
(async () => {
  const found = [];
  const $ = (id) => document.getElementById(id);
  const check = (name, ok, seen) => found.push({ name, ok: !!ok, seen: ok ? "" : String(seen) });
  const wait = (ms) => new Promise((r) => setTimeout(r, ms));
  const key = (key, options = {}) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
  const data = JSON.parse($("data").textContent);
  try {
    await wait(100);
    const rows = document.querySelectorAll("#rows tr").length;
    check("a row for each thing that happened", rows === data.rows.length, rows);
    check("a lane for each pod and container", document.querySelectorAll("#lanes > text[font-weight]").length === data.lanes.length);
    check("the address names the time", /^#t=[0-9.]+/.test(location.hash), location.hash);
    if (EXPECT.at !== undefined) {
      location.hash = "#t=" + EXPECT.at;
      await wait(100);
      check("a link leads to its instant", $("now").textContent === EXPECT.at.toFixed(3) + "s", $("now").textContent);
      check("kubectl is as of then", $("view").textContent.includes(EXPECT.view), $("view").textContent);
    }
    key("Home");
    check("Home is the beginning", $("now").textContent === "0.000s", $("now").textContent);
    key("ArrowRight");
    const first = $("now").textContent;
    check("an arrow goes to the next event", first !== "0.000s", first);
    key("End");
    check("End is the end", Math.abs(parseFloat($("now").textContent) * 1000 - data.end) < 1, $("now").textContent);
    const narrow = $("lanes").getBoundingClientRect().width;
    key("+");
    check("+ zooms in", $("lanes").getBoundingClientRect().width > narrow);
    key("0");
    check("0 shows everything", $("lanes").getBoundingClientRect().width === narrow);
    key("ArrowDown");
    await wait(250);
    check("a lane can be chosen", document.querySelector("#lanes .chosen") && location.hash.includes("pod="), location.hash);
    $("time").value = 500;
    $("time").dispatchEvent(new Event("input"));
    check("the slider moves", Math.abs(parseFloat($("now").textContent) * 1000 - data.end / 2) < data.end / 500, $("now").textContent);
    const ask = document.querySelector("#rows button");
    if (data.chains.length) {
      ask.click();
      check("why tells a chain", document.querySelectorAll("#why-body li").length === data.chains[0].steps.length);
      key("End");
      key("w");
      check("w tells the last one", document.querySelectorAll("#why-body li").length > 0);
    }
    $("filter").value = "bad";
    $("filter").dispatchEvent(new Event("change"));
    check("trouble can be looked at alone", document.querySelectorAll("#rows tr").length === data.rows.filter((r) => r[4] === 2 || r[4] === 3).length);
    $("filter").value = "";
    $("filter").dispatchEvent(new Event("change"));
    check("nothing is wider than the window", document.documentElement.scrollWidth <= innerWidth, `${document.documentElement.scrollWidth} of ${innerWidth}`);
    check("nothing is fetched", performance.getEntriesByType("resource").length === 0);
    for (const theme of ["light", "dark"]) {
      document.documentElement.dataset.theme = theme;
      if (typeof axe === "undefined") continue;
      const result = await axe.run(document, { resultTypes: ["violations"] });
      check(`accessible in ${theme}`, result.violations.length === 0,
        result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target + " " + (n.any[0] || n.all[0] || n.none[0] || {}).message).join("; ")}`).join(" | "));
    }
  } catch (e) {
    check("no error", false, e.stack || e);
  }
  const out = document.createElement("pre");
  out.id = "checks";
  out.textContent = "CHECKS" + JSON.stringify(found) + "SKCEHC";
  document.body.replaceChildren(out);
})();

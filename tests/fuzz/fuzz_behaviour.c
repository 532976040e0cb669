/* fuzz_behaviour.c - any text as a behaviour: in an annotation, and, if it can be read, done by containers.
 *
 * Findings: a crash, a diagnostic that stands nowhere in its file, a run that depends on what was left in memory (each
 * is done twice, once with a copy of the run's memory), an answer that does not last as long as it says.
 */
#include "../unit/cri_world.h"
#include "model/scenario.h"

enum { TEXT_MAX = 4000, RUNS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena arena;

/* ---- in an annotation ---- */

static uint32_t line_count(const char *text)
{
    uint32_t lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void check_places(const struct diag_set *d, const char *manifest)
{
    uint32_t lines = line_count(manifest);
    for (uint32_t i = 0; i < d->diags.count; i++) {
        const struct diag *g = pool_at(&d->diags, i);
        ASSERT(g->at.line >= 1);
        ASSERT(g->at.line <= lines);
        ASSERT(g->at.column >= 1);
    }
}

/* The text as a literal block; whatever is wrong with it is told within the manifest. */
static void annotate(const char *text)
{
    struct strbuf m = STRBUF_INIT, out = STRBUF_INIT;
    struct diag_set diags;
    struct scenario scenario;
    diag_init(&diags);
    strbuf_puts(
        &m, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations:\n    podsim.dev/behaviour: |2\n      ");
    for (const char *s = text; *s; s++)
        strbuf_printf(&m, *s == '\n' ? "%c      " : "%c", *s);
    strbuf_puts(&m, "\nspec: {containers: [{name: a, image: nginx}]}\n");
    const struct scenario_input input = {"p.yaml", m.data, m.len};
    int r = scenario_load(&arena, &diags, &input, 1, NULL, NULL, &scenario);
    ASSERT((r == 0) == (diags.error_count == 0));
    check_places(&diags, m.data);
    diag_print(&diags, &out, 20);
    diag_fini(&diags);
    strbuf_fini(&m);
    strbuf_fini(&out);
}

/* ---- done ---- */

static struct http_reply ask(struct world *w, const char *path, int32_t port)
{
    struct http_reply reply;
    const struct http_request request = {.method = "GET",
                                         .ip = "10.244.1.5",
                                         .path = path,
                                         .host = "h",
                                         .user_agent = "fuzz",
                                         .port = port,
                                         .hold_lines = true};
    cri_http(w->cri, &request, &reply);
    cri_held_lines(w->cri, true);
    return reply;
}

/* An answer that lasts is given again, if nothing was done in between. */
static void check_answers(struct world *w, uint32_t ct, sim_time *until, int32_t *status, uint64_t *world)
{
    static const char *const paths[] = {"/", "/healthz", "/x?y=1"};
    struct grpc_reply health;
    sim_time now = sim_now(w->sim), connected;
    bool same_world = *world == cri_world(w->cri, ct);
    struct http_reply r = ask(w, "/", 80);
    int32_t now_is = (int32_t)r.result * 1000 + r.status;
    if (same_world && now <= *until && *until > 0)
        ASSERT(now_is == *status);
    *until = r.took || r.body_took ? 0 : r.lasts_until;
    *status = now_is;
    *world = cri_world(w->cri, ct);
    for (size_t i = 1; i < ARRAY_LEN(paths); i++)
        ask(w, paths[i], 8080);
    cri_tcp_connect(w->cri, "10.244.1.5", 80, &connected);
    cri_grpc_health(w->cri, "10.244.1.5", 9000, "db", &health);
}

static void begin(struct world *w, const struct behaviour *b)
{
    struct scenario_behaviour *s = arena_new(&arena, struct scenario_behaviour);
    behaviour_list *list = arena_new(&arena, behaviour_list);
    world_init(w);
    s->behaviour = *b;
    list->items = s;
    list->count = 1;
    cri_set_behaviours(w->cri, list);
    w->names[0].fqdn = "db.default.svc.cluster.local";
    w->names[0].ip = "10.96.0.5";
    w->names[0].from = 7 * SIM_SECOND;
    w->name_count = 1;
}

static void live(struct world *w, uint32_t ct)
{
    sim_time until = 0;
    int32_t status = 0;
    uint64_t world = 0;
    for (int i = 1; i <= 12; i++) {
        world_run(w, sim_now(w->sim) + i * 400 * SIM_MS);
        check_answers(w, ct, &until, &status, &world);
        if (i % 4 == 0)
            world_exec(w, ct, (const char *const[]){"cat", "/etc/hostname", NULL}, SIM_SECOND);
    }
    cri_signal(w->cri, ct, VSIGHUP);
    world_run(w, sim_now(w->sim) + SIM_SECOND);
    cri_signal(w->cri, ct, VSIGTERM);
    world_run(w, sim_now(w->sim) + 5 * SIM_SECOND);
}

static uint64_t run_once(const struct behaviour *b, uint32_t attempt, bool fork)
{
    struct world w;
    begin(&w, b);
    uint32_t ct =
        world_start(&w, (struct cri_container_config){
                            .name = "main", .image = attempt & 1 ? "nginx" : "example.com/a", .attempt = attempt});
    world_run(&w, SIM_SECOND);
    if (fork) {
        struct arena_image saved = {0};
        sim_save(w.sim, &saved);
        live(&w, ct);
        sim_restore(w.sim, &saved);
        arena_image_fini(&saved);
    }
    live(&w, ct);
    cri_signal(w.cri, ct, VSIGKILL);
    ASSERT(cri_container(w.cri, ct)->state == CRI_EXITED);
    cri_end(w.cri);
    uint64_t h = world_hash_trace(&w);
    cri_remove_container(w.cri, ct);
    world_run(&w, sim_now(w.sim) + 100 * SIM_SECOND);
    world_fini(&w);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diag_set diags;
    if (size > TEXT_MAX)
        return 0;
    arena_init(&arena, 0);
    diag_init(&diags);
    char *text = arena_strndup(&arena, (const char *)data, strnlen((const char *)data, size));
    annotate(text);
    const struct behaviour *b = behaviour_parse(&arena, &diags, text, NULL);
    ASSERT((b != NULL) == (diags.error_count == 0));
    for (uint32_t attempt = 0; b && attempt < RUNS; attempt++)
        ASSERT(run_once(b, attempt, true) == run_once(b, attempt, false));
    diag_fini(&diags);
    arena_fini(&arena);
    return 0;
}

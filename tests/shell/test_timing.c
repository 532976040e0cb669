/* test_timing.c - scripts in which time passes: what they print, when, and when they end, on simulated time.
 *
 *     test_timing [--update] [--case NAME] FILE...
 *
 * Each case (case_file.h) is a container of its own whose main process has the script: PID 1, as in a pod. A line of
 * "shows" is a time since the start and what was printed then, or how the main process ended. --update writes what
 * podsim does into the file: look at each changed line.
 */
#include "../unit/cri_world.h"
#include "../unit/tap.h"
#include "case_file.h"

enum { WORDS_MAX = 32, WATCHED_S = 3600 };

/* 1500 ms as "1.5s". */
static void put_time(struct strbuf *out, sim_time at)
{
    int64_t ms = at / SIM_MS;
    strbuf_printf(out, "%" PRId64, ms / 1000);
    if (ms % 1000) {
        char digits[8];
        snprintf(digits, sizeof digits, "%03d", (int)(ms % 1000));
        for (size_t n = 3; n && digits[n - 1] == '0'; n--)
            digits[n - 1] = '\0';
        strbuf_printf(out, ".%s", digits);
    }
    strbuf_puts(out, "s ");
}

static str_list words_of(struct world *w, const char *script)
{
    const char *words[WORDS_MAX + 1] = {0};
    char *rest = NULL, *copy = arena_strdup(sim_arena(w->sim), script);
    int n = 0;
    for (char *word = strtok_r(copy, " \n", &rest); word && n < WORDS_MAX; word = strtok_r(NULL, " \n", &rest))
        words[n++] = word;
    return world_list(w, words);
}

static uint32_t start(struct world *w, const struct shell_case *c)
{
    struct arena *a = sim_arena(w->sim);
    size_t n = strlen(c->script);
    /* a one-line script has no newline at its end, as in `command: [sh, -c, ...]`; a block scalar has one */
    bool one_line = n && strchr(c->script, '\n') == c->script + n - 1;
    const char *script = arena_strndup(a, c->script, n - one_line);
    bool bash = c->image && strcmp(c->image, "debian, bash") == 0;
    struct cri_container_config config = {.name = "main", .image = bash ? "debian" : c->image ? c->image : "busybox"};
    const char *shell = bash ? "bash" : "sh";
    config.command =
        c->words ? words_of(w, c->script) : world_list(w, (const char *const[]){shell, "-c", script, NULL});
    return world_start(w, config);
}

static void put_lines(const struct world *w, struct strbuf *out)
{
    const struct trace *t = sim_trace(w->sim);
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        if (r->kind != TRACE_OUTPUT)
            continue;
        put_time(out, r->at);
        strbuf_printf(out, "%s\n", r->text);
    }
}

/* What the case shows, in the arena. */
static const char *watch(struct arena *a, const struct shell_case *c)
{
    struct world w;
    struct strbuf out = STRBUF_INIT;
    world_init(&w);
    uint32_t ct = start(&w, c);
    for (int i = 0; i < c->signal_count; i++) {
        world_run(&w, c->signals[i].at_ms * SIM_MS);
        cri_signal(w.cri, ct, cri_signal_number(c->signals[i].name));
    }
    world_run(&w, WATCHED_S * SIM_SECOND);
    const struct cri_container *p = cri_container(w.cri, ct);
    put_lines(&w, &out);
    if (p->state == CRI_EXITED) {
        put_time(&out, p->finished_at);
        strbuf_printf(&out, "exit %d\n", (int)p->exit_code);
    } else {
        strbuf_puts(&out, "(still runs)\n");
    }
    const char *text = arena_strdup(a, strbuf_str(&out));
    strbuf_fini(&out);
    world_fini(&w);
    return text;
}

static int check_file(struct arena *a, const char *path, bool update, const char *only, int *count)
{
    struct case_file file;
    int failed = 0;
    if (!case_file_read(a, path, &file)) {
        printf("# %s:%s\nnot ok %d - %s\n", path, file.error, ++*count, path);
        return 1;
    }
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < file.count; i++) {
        struct shell_case *c = &file.cases[i];
        if (only && !strstr(c->name, only))
            continue;
        const char *shown = watch(a, c);
        if (update)
            c->shows = shown;
        tap_failures = 0;
        bool ok = tap_str(shown, c->shows ? c->shows : "", "what it shows", path, c->line);
        printf("%s %d - %s:%d %s\n", ok ? "ok" : "not ok", ++*count, slash ? slash + 1 : path, c->line, c->name);
        failed += !ok;
    }
    if (update && !case_file_write(&file))
        failed++;
    return failed;
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    bool update = false;
    int i = 1, count = 0, failed = 0;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--update") == 0)
            update = true;
        else if (strcmp(argv[i], "--case") == 0 && i + 1 < argc)
            only = argv[++i];
        else
            break;
    }
    if (i >= argc || strncmp(argv[i], "--", 2) == 0) {
        fprintf(stderr, "usage: test_timing [--update] [--case NAME] FILE...\n");
        return 2;
    }
    for (; i < argc; i++) {
        struct arena a;
        arena_init(&a, 0);
        failed += check_file(&a, argv[i], update, only, &count);
        arena_fini(&a);
    }
    printf("1..%d\n", count);
    return failed > 0;
}

/* test_corpus.c - the shell of podsim against a real busybox ash, script by script.
 *
 *     test_corpus [--busybox PROGRAM] [--update] [--case NAME] FILE...
 *
 * Each case of each file (case_file.h) runs in podsim's shell, in a container of the image busybox; what it prints
 * on both streams and its exit code must be what the file says. With --busybox, the same script runs in the real
 * one first, and the file must say what that gives; --update writes it into the file instead. Without it one test
 * is skipped, or failed if PODSIM_NEED_BUSYBOX is set. --case: only cases whose name contains NAME, shown in full.
 *
 * The shell is started as an exec is, so it is not PID 1: signals to $$ behave as in a terminal's shell.
 */
#include "../unit/cri_world.h"
#include "../unit/tap.h"
#include "busybox.h"

struct options {
    const char *busybox, *only;
    bool update;
};

static struct shell_result run_podsim(struct arena *a, const char *script)
{
    struct world w;
    struct shell_result r = {"", "(it has not ended)\n", -1};

    world_init(&w);
    struct cri_container_config config = {
        .name = "main",
        .image = "busybox",
        .working_dir = "/work",
        .command = world_list(&w, (const char *const[]){"sleep", "1000000", NULL}),
    };
    struct str_pair env[] = {{"HOME", "/root"}, {"PATH", "/bin"}};
    config.env.items = env;
    config.env.count = ARRAY_LEN(env);
    uint32_t ct = world_start(&w, config);
    uint32_t id = world_exec(&w, ct, (const char *const[]){"sh", "-c", script, NULL}, 0);
    world_run(&w, 3600 * SIM_SECOND);
    const struct cri_exec *e = cri_exec_result(w.cri, id);
    if (e->done) {
        r.out = arena_strndup(a, e->output, (size_t)(e->errors - e->output));
        r.err = arena_strdup(a, e->errors);
        r.status = e->exit_code;
    }
    world_fini(&w);
    return r;
}

static bool same(const struct shell_case *c, const struct shell_result *x, const struct shell_result *y)
{
    return x->status == y->status && strcmp(x->out, y->out) == 0 && (c->err_differs || strcmp(x->err, y->err) == 0);
}

static void show_text(const char *what, const char *text)
{
    if (*text)
        printf("#     %s:\n", what);
    while (*text) {
        size_t n = strcspn(text, "\n");
        printf("#       |%.*s%s\n", (int)n, text, text[n] ? "" : "  (no newline)");
        text += n + (text[n] == '\n');
    }
}

static void show(const char *who, const struct shell_result *r)
{
    printf("#   %s: exit %d\n", who, r->status);
    show_text("out", r->out);
    show_text("err", r->err);
}

/* Whether the case holds; says what does not. */
static bool check_case(struct arena *a, struct busybox *real, const struct options *o, struct shell_case *c)
{
    if (c->shows) {
        printf("# this belongs in timing/\n");
        return false;
    }
    if (real) {
        struct shell_result found;
        busybox_run(real, a, c->script, &found);
        if (o->update) {
            c->want = found;
        } else if (!same(c, &found, &c->want)) {
            show("the file says", &c->want);
            show("busybox does", &found);
            return false;
        }
    }
    struct shell_result got = run_podsim(a, c->script);
    bool holds = same(c, &got, &c->want);
    if (o->only || holds == (c->podsim_differs != NULL)) {
        show(o->update ? "busybox does" : "the file says", &c->want);
        show("podsim does", &got);
    }
    if (holds && c->podsim_differs)
        printf("# podsim no longer differs here: remove \"podsim differs\"\n");
    return holds != (c->podsim_differs != NULL);
}

struct totals {
    int cases, failed, differ, err_differ;
};

static void check_file(struct arena *a, const char *path, struct busybox *real, const struct options *o,
                       struct totals *t)
{
    struct case_file file;
    if (!case_file_read(a, path, &file)) {
        printf("# %s:%s\nnot ok %d - %s\n", path, file.error, ++t->cases, path);
        t->failed++;
        return;
    }
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < file.count; i++) {
        struct shell_case *c = &file.cases[i];
        if (o->only && !strstr(c->name, o->only))
            continue;
        bool ok = check_case(a, real, o, c);
        t->failed += !ok;
        t->differ += c->podsim_differs != NULL;
        t->err_differ += c->err_differs != NULL;
        printf("%s %d - %s:%d %s\n", ok ? "ok" : "not ok", ++t->cases, slash ? slash + 1 : path, c->line, c->name);
        fflush(stdout);
    }
    if (o->update && !case_file_write(&file))
        printf("# %s cannot be written\n", path), t->failed++;
}

/* What says that nothing was compared with a real shell. */
static void say_missing(struct totals *t)
{
    bool needed = getenv("PODSIM_NEED_BUSYBOX") != NULL;
    printf("%s %d - compared with busybox%s\n", needed ? "not ok" : "ok", ++t->cases,
           needed ? ", which is not installed"
                  : " # SKIP without --busybox: not installed, or a build with sanitizers");
    t->failed += needed;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct totals t = {0};
    struct busybox real = {0};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--update") == 0)
            o.update = true;
        else if (strcmp(argv[i], "--busybox") == 0 && i + 1 < argc)
            o.busybox = argv[++i];
        else if (strcmp(argv[i], "--case") == 0 && i + 1 < argc)
            o.only = argv[++i];
        else
            break;
    }
    if (i >= argc || strncmp(argv[i], "--", 2) == 0 || (o.update && !o.busybox)) {
        fprintf(stderr, "usage: test_corpus [--busybox PROGRAM [--update]] [--case NAME] FILE...\n");
        return 2;
    }
    bool have = o.busybox && busybox_init(&real, o.busybox);
    if (o.busybox && !have)
        t.failed++;
    for (; i < argc; i++) {
        struct arena a;
        arena_init(&a, 0);
        check_file(&a, argv[i], have ? &real : NULL, &o, &t);
        arena_fini(&a);
    }
    if (!o.busybox)
        say_missing(&t);
    busybox_fini(&real);
    printf("1..%d\n# %d failed; podsim is known to differ in %d; stderr is not compared in %d\n", t.cases, t.failed,
           t.differ, t.err_differ);
    return t.failed > 0;
}

/* podsim-scenario(5) lists the verbs of kubectl as the table in kubectl_private.h does.
 * usage: test_kubectl_man FILE [--print]
 */
#include "model/kubectl_private.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* As it stands in the manual: hyphens are written \- there. */
static void entry(struct strbuf *b, const struct kubectl_verb_info *v)
{
    strbuf_puts(b, ".TP\n.B ");
    for (const char *c = v->name; *c; c++)
        strbuf_printf(b, *c == '-' ? "\\%c" : "%c", *c);
    strbuf_putc(b, '\n');
    for (const char *c = v->doc; *c; c++)
        strbuf_printf(b, *c == '-' ? "\\%c" : "%c", *c);
    strbuf_putc(b, '\n');
}

static char *manual;

static void every_verb_stands_in_the_manual(void)
{
    for (int i = 0; i < VERB_COUNT; i++) {
        struct strbuf b = STRBUF_INIT;
        entry(&b, &kubectl_verbs[i]);
        tap_row("%s", kubectl_verbs[i].name);
        CHECK(strstr(manual, strbuf_str(&b)) != NULL);
        strbuf_fini(&b);
    }
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t room = 1 << 20;
    char *text = calloc(1, room + 1);
    if (f && text)
        text[fread(text, 1, room, f)] = '\0';
    if (f)
        fclose(f);
    return text;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    if (argc > 2) {
        struct strbuf b = STRBUF_INIT;
        for (int i = 0; i < VERB_COUNT; i++)
            entry(&b, &kubectl_verbs[i]);
        fputs(strbuf_str(&b), stdout);
        strbuf_fini(&b);
        return 0;
    }
    static const struct tap_test tests[] = {TAP_TEST(every_verb_stands_in_the_manual)};
    manual = read_file(argv[1]);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    free(manual);
    return failed;
}

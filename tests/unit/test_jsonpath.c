/* kubectl's JSONPath. Rows with a source are those of k8s client-go util/jsonpath/jsonpath_test.go. */
#include "model/jsonpath.h"
#include "tests/unit/tap.h"

static const char nodes[] =
    "{\"kind\": \"List\", \"items\": ["
    "{\"kind\":\"None\",\"metadata\":{\"name\":\"127.0.0.1\",\"labels\":{\"kubernetes.io/hostname\":\"127.0.0.1\"}},"
    "\"status\":{\"capacity\":{\"cpu\":\"4\"},\"ready\":true,"
    "\"addresses\":[{\"type\":\"LegacyHostIP\",\"address\":\"127.0.0.1\"}]}},"
    "{\"kind\":\"None\",\"metadata\":{\"name\":\"127.0.0.2\",\"labels\":{\"kubernetes.io/hostname\":\"127.0.0.2\"}},"
    "\"status\":{\"capacity\":{\"cpu\":\"8\"},\"ready\":false,"
    "\"addresses\":[{\"type\":\"LegacyHostIP\",\"address\":\"127.0.0.2\"},"
    "{\"type\":\"another\",\"address\":\"127.0.0.3\"}]}}],"
    "\"users\":[{\"name\":\"myself\",\"user\":{}},"
    "{\"name\":\"e2e\",\"user\":{\"username\":\"admin\",\"password\":\"secret\"}}]}";

static const char points[] = "[{\"id\":\"i1\",\"x\":4,\"y\":-5},{\"id\":\"i2\",\"x\":-2,\"y\":-5,\"z\":1},"
                             "{\"id\":\"i3\",\"x\":8,\"y\":3},{\"id\":\"i5\",\"x\":0,\"y\":2,\"z\":1},"
                             "{\"id\":\"i7\",\"x\":null,\"y\":4}]";

static const char pods[] =
    "{\"items\":[{\"metadata\":{\"name\":\"pod1\"},\"spec\":{\"containers\":[{\"name\":\"foo\"},{\"name\":\"bar\"}]}},"
    "{\"metadata\":{\"name\":\"pod2\"},\"spec\":{\"containers\":[{\"name\":\"baz\"}]}}], \"empty\": [], \"n\": 7,"
    "\"floats\":[1,2.2,3.3,4], \"text\":\"ab\", \"html\":{\"b\":\"<&>\",\"a\":null}}";

/* What is printed, or the error behind a '!'; behind '?' and a byte when it does not parse. */
static const char *evaluate(const char *document, const char *path, bool relaxed)
{
    static char text[4000];
    struct arena a;
    struct diag_set d;
    struct document_list docs;
    struct strbuf b = STRBUF_INIT;
    const struct jsonpath *p;
    struct jsonpath_error wrong;
    const char *error = NULL;
    arena_init(&a, 0);
    diag_init(&d);
    value_parse(&a, &d, "t.json", document, strlen(document), &docs);
    if ((relaxed ? jsonpath_parse_relaxed : jsonpath_parse)(&a, path, &p, &wrong) < 0)
        snprintf(text, sizeof text, "?%zu %s", wrong.at, wrong.text);
    else if (jsonpath_print(p, &a, docs.items[0].root, &b, &error) < 0)
        snprintf(text, sizeof text, "!%s", error);
    else
        snprintf(text, sizeof text, "%s", strbuf_str(&b));
    strbuf_fini(&b);
    diag_fini(&d);
    arena_fini(&a);
    return text;
}

struct row {
    const char *document, *path, *want;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tap_row("%s", rows[i].path);
        CHECK_STR(evaluate(rows[i].document, rows[i].path, false), rows[i].want);
    }
}

static void rows_of_client_go(void)
{
    static const struct row rows[] = {
        {nodes, "{range .items[*]}{.metadata.name}, {end}{.kind}", "127.0.0.1, 127.0.0.2, List"},
        {nodes, "{range .items[*]}{.metadata.name}{\"\\t\"}{end}", "127.0.0.1\t127.0.0.2\t"},
        {nodes, "{.items[*].status.addresses[*].address}", "127.0.0.1 127.0.0.2 127.0.0.3"},
        {nodes, "{range .items[*]}{range .status.addresses[*]}{.address}, {end}{end}",
         "127.0.0.1, 127.0.0.2, 127.0.0.3, "},
        {nodes, "{.items[*]['metadata.name', 'status.capacity']}",
         "127.0.0.1 127.0.0.2 {\"cpu\":\"4\"} {\"cpu\":\"8\"}"},
        {nodes, "{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}",
         "[127.0.0.1, {\"cpu\":\"4\"}] [127.0.0.2, {\"cpu\":\"8\"}] "},
        {nodes, "{.users[?(@.name==\"e2e\")].user.password}", "secret"},
        {nodes, "{.items[0].metadata.labels.kubernetes\\.io/hostname}", "127.0.0.1"},
        {nodes, "{.items[?(@.metadata.labels.kubernetes\\.io/hostname==\"127.0.0.1\")].kind}", "None"},
        {nodes, "{.items[?(@..ready==true)].metadata.name}", "127.0.0.1"},
        {nodes, "{..name}", "127.0.0.1 127.0.0.2 myself e2e"},
        {points, "{[?(@.z)].id}", "i2 i5"},
        {points, "{[0]['id']}", "i1"},
        {points, "{[-1]['x']}", "null"},
        {pods, "hello jsonpath", "hello jsonpath"},
        {"[1,2,3]", "{..}", "[1,2,3]"},
        {"[2,6,3,7]", "{[?(@<5)]}", "2 3"},
        {pods, "{\"{\"}", "{"},
        {"[0,1,2,3,4]", "{[1,3,4]}", "1 3 4"},
        {"[\"Monday\",\"Tuesday\"]", "{[0:2]}", "Monday Tuesday"},
        {pods, "{............................................................Price}",
         "?3 invalid multiple recursive descent"},
        {pods, "{hello}", "!unrecognized identifier hello"},
        {nodes, "{.items[0].status.capacity[0]}", "!map[string]interface {} is not array or slice"},
        {points, "{[?(@.x<>10)]}", "!unrecognized filter operator <>"},
        {pods, "{range .items[*]}{@.n}{end}{end}", "!not in range, nothing to end"},
        {pods, "{.hello}", ""},
        {pods, "before-{.hello}after", "before-after"},
        {pods, "{range .empty[*]}{.metadata.name}{end}", ""},
        {pods, "{range .empty[*]}{.metadata.name}{\":\"}{range @.spec.containers[*]}{.name}{\",\"}{end}{\"+\"}{end}",
         ""},
        {pods, "{range .items[*]}{.metadata.name}{\":\"}{range @.spec.containers[*]}{.name}{\",\"}{end}{\"+\"}{end}",
         "pod1:foo,bar,+pod2:baz,+"},
        {pods,
         "{range .items[*]}{.metadata.name}{\"\\t\"}{range @.spec.containers[*]}{.name}{\" \"}{end}{\"\\t\"}"
         "{range @.spec.containers[*]}{.name}{\" \"}{end}{\"\\n\"}{end}",
         "pod1\tfoo bar \tfoo bar \npod2\tbaz \tbaz \n"},
        {pods, "{ .floats[-2] }", "3.3"},
        {pods, "{ .floats[:4:2] }", "1 3.3"},
        {pods, "{ .floats[:2] }", "1 2.2"},
        {pods, "{ .floats[::2] }", "1 3.3"},
        {pods, "{ .floats[1::2] }", "2.2 4"},
        {pods, "{ .floats[-1:] }", "4"},
    };
    check(rows, ARRAY_LEN(rows));
}

static void more_of_the_language(void)
{
    static const struct row rows[] = {
        {pods, "{.n}", "7"},
        {pods, "{.html}", "{\"a\":null,\"b\":\"\\u003c\\u0026\\u003e\"}"},
        {pods, "{.text.*}", "97 98"},
        {pods, "{.floats[9]}", "!array index out of bounds: index 9, length 4"},
        {pods, "{.floats[3:1]}", "!starting index 3 is greater than ending index 1"},
        {pods, "{.floats[0:4:0]}", "!step must be > 0"},
        {pods, "{.floats[2:2]}", ""},
        {pods, "{.items[?(@.metadata.name!=\"pod1\")].spec.containers[0].name}", "baz"},
        {pods, "{.items[?(@.metadata.name>=\"pod1\")].metadata.name}", "pod1 pod2"},
        {pods, "{.items[?(@.metadata.name==1)].metadata.name}", "!incompatible types for comparison"},
        {pods, "{.items[?(@.metadata==1)]}", "!invalid type for comparison"},
        {pods, "{.items[?(@.spec.containers[*].name==\"foo\")]}", "!can only compare one element at a time"},
        {pods, "{.html[?(@.a)]}", "!map[a:<nil> b:<&>] is not array or slice and cannot be filtered"},
        {pods, "{.items[?(@.spec.containers[1])].metadata.name}", "pod1"},
        {points, "{[?(@.x==null)].id}", "!unrecognized identifier null"},
        {points, "{[?(@.y<0)].id}", "i1 i2"},
        {pods, "{.items[*].spec.containers[*]['name']}", "foo bar baz"},
        {pods, "{$.n}-{@.n}", "7-7"},
        {pods, "{.items[0,1].metadata.name}", "pod1 pod2"},
        {pods, "{'it''s'}", "s"}, /* a text takes the place of what came in */
        {pods, "{\"\\u00e4\\x41\\n\"}",
         "\xc3\xa4"
         "A\n"},
        {pods, "{.n", "?3 unclosed action"},
        {pods, "{.floats[0}", "?8 unterminated array"},
        {pods, "{.floats[a]}", "?9 invalid array index a"},
        {pods, "{.floats[-]}", "?9 array index - is not a number"},
        {pods, "{.items[?(@.x==1]}", "?7 unterminated filter"},
        {pods, "{.items[?(@.x==1)}", "?17 unclosed array expect ]"},
        {pods, "{\"abc}", "?1 unterminated quoted string"},
        {pods, "{\"\\q\"}", "?1 unquote string \"\\q\" error invalid syntax"},
        {pods, "{.n!}", ""},
        {pods, "{!}", "?1 unrecognized character in action: U+0021 '!'"},
        {pods, "{1.2.3}", "?1 cannot parse number 1.2.3"},
        {pods, "", ""},
    };
    check(rows, ARRAY_LEN(rows));
}

static void braces_may_be_left_out(void)
{
    static const struct row rows[] = {
        {pods, ".n", "7"},
        {pods, "n", "7"},
        {pods, "{n}", "7"},
        {pods, "{.n}", "7"},
        {pods, ".items[0].metadata.name", "pod1"},
        {pods, "{.n}{.n}",
         "?0 unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
         "'{.name1.name2}'"},
        {pods, ".floats[a]", "?8 invalid array index a"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].path);
        CHECK_STR(evaluate(rows[i].document, rows[i].path, true), rows[i].want);
    }
}

/* Each .. takes everything below everything. */
static void too_many_values_are_an_error(void)
{
    char deep[2000] = "", path[2000] = "{";
    for (int i = 0; i < 60; i++)
        strcat(deep, "{\"a\":");
    strcat(deep, "1");
    for (int i = 0; i < 60; i++)
        strcat(deep, "}");
    for (int i = 0; i < 20; i++)
        strcat(path, "..a");
    strcat(path, "}");
    CHECK_STR(evaluate(deep, path, false), "!more than 1000000 values on the way");
}

static void what_fails_later_is_known(void)
{
    static const struct {
        const char *path, *want;
        size_t at;
    } rows[] = {
        {"{.a}{hello}", "unrecognized identifier hello", 5},       {"{.a[?(@.b=~1)]}", NULL, 0},
        {"{.a[?(@.b=<1)]}", "unrecognized filter operator =<", 9}, {"{end}", "not in range, nothing to end", 0},
        {"{range .a[*]}{.b}", "a range without {end}", 0},         {"{range .a[*]}{.b}{end}", NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        const struct jsonpath *p;
        struct jsonpath_error wrong = {0};
        arena_init(&a, 0);
        tap_row("%s", rows[i].path);
        const struct jsonpath_error *doubt =
            jsonpath_parse(&a, rows[i].path, &p, &wrong) == 0 ? jsonpath_doubt(p) : NULL;
        CHECK_STR(doubt ? doubt->text : NULL, rows[i].want);
        CHECK_UINT(doubt ? doubt->at : 0, rows[i].at);
        arena_fini(&a);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(rows_of_client_go),         TAP_TEST(more_of_the_language),
        TAP_TEST(braces_may_be_left_out),    TAP_TEST(too_many_values_are_an_error),
        TAP_TEST(what_fails_later_is_known),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}

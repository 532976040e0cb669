/* test_images.c - catalogues of images: which entry a reference means, what entries make of it together, and that
 * the built-in catalogue is well-formed.
 */
#include "model/image_doc.h"
#include "model/scenario.h"
#include "tap.h"

static struct arena arena;
static struct diag_set diags;
static struct scenario scenario;

#define CATALOGUE "apiVersion: podsim.dev/v1\nkind: ImageCatalogue\nimages:\n"
#define SCENARIO  "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  images:\n"
#define POD       "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x}]}\n"

static int load(const char *text)
{
    const struct scenario_input input = {"test.yaml", text, strlen(text)};
    return scenario_load(&arena, &diags, &input, 1, NULL, NULL, &scenario);
}

static const struct image *find(const char *reference) { return image_find(&scenario.images, reference); }

static void begin(void)
{
    arena_init(&arena, 0);
    diag_init(&diags);
    image_catalogue_init(&scenario.images, &arena);
}

static void end(void)
{
    diag_fini(&diags);
    arena_fini(&arena);
}

static void references_are_checked_and_found(void)
{
    static const char digest[] = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static const struct {
        const char *reference, *name; /* name NULL: generic */
        const char *error;
        bool latest;
    } rows[] = {
        {"nginx", "nginx", NULL, true},
        {"docker.io/library/nginx:1.7.9", "nginx", NULL, false},
        {"nginx:latest", "nginx", NULL, true},
        {"registry.local:5000/team/nginx:1.27@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         "nginx", NULL, false},
        {"registry.local:5000/nginx", "nginx", NULL, true},
        {"quay.io/junkai/training:liveness", "liveness", NULL, false},
        {"quay.io/junkai/training:other", NULL, NULL, false},
        {"registry.k8s.io/e2e-test-images/agnhost:2.40", "agnhost", NULL, false},
        {"my-nginx", NULL, NULL, true},
        {"nginx/other", NULL, NULL, true},
        {"Bad_NAME:x", NULL,
         "couldn't parse image name \"Bad_NAME:x\": invalid reference format: repository name (library/Bad_NAME) must "
         "be lowercase",
         false},
        {"a//b", NULL, "couldn't parse image name \"a//b\": invalid reference format", true},
        {"nginx:bad tag", "nginx", "couldn't parse image name \"nginx:bad tag\": invalid reference format", false},
        {"-x", NULL, "couldn't parse image name \"-x\": invalid reference format", true},
    };
    begin();
    CHECK_STR(image_reference(arena_printf(&arena, "a/nginx:1.2%s", digest)).digest, digest);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].reference);
        const struct image *found = find(rows[i].reference);
        CHECK_INT(found->generic, rows[i].name == NULL);
        if (rows[i].name)
            CHECK_STR(found->name, rows[i].name);
        CHECK_STR(image_reference_error(&arena, rows[i].reference), rows[i].error);
        CHECK_INT(image_tag_is_latest(rows[i].reference), rows[i].latest);
    }
    end();
}

/* The longest repository, then the tag or digest; never part of a name. */
static void the_longest_name_wins(void)
{
    static const char text[] = CATALOGUE "- {name: web, user: a}\n"
                                         "- {name: shop/web, user: b}\n"
                                         "- {name: registry.example.com/shop/web, user: c}\n"
                                         "- {name: 'shop/web:2', user: d}\n"
                                         "- {name: 'web:3', aliases: ['front:3'], user: e}\n"
                                         "- {name: 'web@sha256:00112233445566778899aabbccddeeff', user: f}\n" POD;
    static const struct {
        const char *reference, *user;
    } rows[] = {
        {"web", "a"},
        {"web:2", "a"},
        {"web:3", "e"},
        {"front:3", "e"},
        {"front:4", NULL},
        {"docker.io/library/web:3", "e"},
        {"shop/web:3", "b"}, /* a longer repository counts more than a tag */
        {"shop/web", "b"},
        {"shop/web:2", "d"},
        {"registry.example.com/shop/web:2", "c"},
        {"other.example.com/shop/web:2", "d"},
        {"other.example.com/shop/web:20", "b"},
        {"web:1@sha256:00112233445566778899aabbccddeeff", "f"},
        {"web:1@sha256:10112233445566778899aabbccddeeff", "a"},
        {"my-web", NULL},
        {"web-2", NULL},
    };
    begin();
    CHECK_INT(load(text), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].reference);
        CHECK_STR(find(rows[i].reference)->user, rows[i].user);
    }
    end();
}

static void tags_are_patterns_and_versions(void)
{
    static const struct {
        const char *pattern, *reference;
        bool is;
    } rows[] = {
        {"*alpine*", "x:3.19-alpine", true},
        {"*alpine*", "x:alpine", true},
        {"*alpine*", "x:3.19", false},
        {"*-alpine", "x:alpine", false},
        {"?.?", "x:1.2", true},
        {"?.?", "x:1.23", false},
        {"latest", "x", true},
        {"*", "x", true},
        {"<1.19", "x:1.7.9", true},
        {"<1.19", "x:1.18-alpine", true},
        {"<1.19", "x:1.19", false},
        {"<1.19", "x:1.19.0", false},
        {"<1.19", "x:v1.2", true},
        {"<1.19", "x:1", false},
        {"<1.19", "x", false},
        {"<1.19", "x:latest", false},
        {"<1.19", "x:stable", false},
        {">=8", "x:8", true},
        {">=8", "x:8.0.36", true},
        {">=8", "x:5.7", false},
        {">=8", "x", true},
        {">8.1", "x:8.1", false},
        {">8.1", "x:8.1.1", true},
        {"<=8.1", "x:8.1.0", true},
        {"<2", "x:1.2@sha256:00", true},
        {"1.*", "x:1.2@sha256:00", true},
        {"<1.21.5", "x:1.21", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *patterns[] = {rows[i].pattern};
        struct image_reference r = image_reference(rows[i].reference);
        tap_row("%s %s", rows[i].pattern, rows[i].reference);
        CHECK_INT(image_tag_matches(&(str_list){patterns, 1}, &r), rows[i].is);
    }
}

static void a_tag_says_the_version(void)
{
    static const char text[] = CATALOGUE "- name: db\n  versions: ['10.2', '10.1', '9.6']\n"
                                         "  env: {DB_VERSION: v$(version)}\n  startup: 3s\n  variants:\n"
                                         "  - {tags: ['<10'], startup: 5s, env: {OLD: 'yes'}}\n"
                                         "  - {tags: ['*slim'], size: 5M}\n" POD;
    static const struct {
        const char *reference, *version;
        int64_t start_ms;
    } rows[] = {
        {"db", "v10.2", 3000},       {"db:10", "v10.2", 3000},       {"db:10.1", "v10.1", 3000},
        {"db:9-slim", "v9.6", 5000}, {"db:9.2.24", "v9.2.24", 5000}, {"db:1", "v1", 5000},
    };
    begin();
    CHECK_INT(load(text), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].reference);
        const struct image *found = find(rows[i].reference);
        CHECK_STR(found->env.count ? found->env.items[0].value : "", rows[i].version);
        CHECK_INT(found->start_ms, rows[i].start_ms);
    }
    CHECK_INT(find("db:9-slim")->size_bytes, 5000000);
    end();
}

/* Scenario over catalogue over built-in; what one does not say is as below it. */
static void entries_lie_over_one_another(void)
{
    static const char text[] =
        CATALOGUE "- {name: nginx, startup: 2s, port: 8080}\n- {name: web, like: 'nginx:1.14.2', size: 1M}\n"
                  "---\n" SCENARIO "  - {name: 'nginx:1.25', startup: 9s}\n  - {name: web, ports: [1, 2]}\n" POD;
    begin();
    CHECK_INT(load(text), 0);
    const struct image *plain = find("nginx"), *tagged = find("nginx:1.25"), *web = find("shop/web:7");
    CHECK_STR(plain->stop_signal, "SIGQUIT");
    CHECK_INT(plain->start_ms, 2000);
    CHECK_INT(plain->start_guessed, false);
    CHECK_INT(image_port(plain), 8080);
    CHECK_INT(tagged->start_ms, 9000);
    CHECK_INT(image_port(tagged), 8080);
    CHECK_STR(tagged->program, "nginx");
    CHECK_INT(web->ports.count, 2);
    CHECK_INT(web->size_bytes, 1000000);
    CHECK_INT(web->start_ms, 2000);
    CHECK_STR(web->stop_signal, "SIGTERM"); /* as 1.14.2, whatever the own tag */
    CHECK(web->entrypoint == NULL);
    CHECK_STR(web->cmd[0], "nginx");
    CHECK_STR(web->version, "1.14.2");
    end();
}

static void what_is_like_nothing_is_told(void)
{
    static const struct {
        const char *entries, *message;
    } rows[] = {
        {"- {name: a, like: nothing}\n", "there is no image \"nothing\" in the catalogue; see `podsim help images`"},
        {"- {name: a, like: b}\n- {name: b, like: a}\n", "images that are like one another in a circle: \"b\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin();
        tap_row("%s", rows[i].entries);
        CHECK_INT(load(arena_printf(&arena, CATALOGUE "%s" POD, rows[i].entries)), -1);
        CHECK_STR(((struct diag *)pool_at(&diags.diags, 0))->message, rows[i].message);
        end();
    }
}

/* The file with its index and its texts: all of it can be read, and each name leads to its entry. */
static void the_built_in_catalogue_is_well_formed(void)
{
    struct image_catalogue_doc doc = {0};
    struct document_list docs = {0};
    uint32_t names = 0, length = 0;
    for (uint32_t i = 0; i < built_in_text_count; i++)
        length += built_in_texts[i].shown_length;
    begin();
    const char *text = arena_printf(&arena, CATALOGUE "%.*s", (int)length, built_in_shown);
    CHECK_INT(value_parse(&arena, &diags, "images.yaml", text, strlen(text), &docs), 0);
    CHECK_INT(api_decode(&image_catalogue_type, &arena, &diags, "", docs.items[0].root, &doc), 0);
    CHECK_INT(api_validate(&image_catalogue_type, &arena, &diags, "", docs.items[0].root, &doc), 0);
    CHECK_INT(doc.images.count, built_in_text_count);
    for (uint32_t i = 0; i < doc.images.count; i++) {
        const struct image_entry *e = &doc.images.items[i];
        tap_row("%s", e->name);
        names += 1 + e->aliases.count;
        for (uint32_t k = 0; k <= e->aliases.count; k++) {
            const char *name = k ? e->aliases.items[k - 1] : e->name;
            const struct image_entry *found = image_built_in(&arena, name);
            if (CHECK(found))
                CHECK(api_equal(&image_entry_type, e, found));
        }
        CHECK(e->facts.size.set || e->like); /* pulls take their time from it */
        CHECK(e->facts.userland || e->like);
    }
    tap_row("index");
    CHECK_INT(names, built_in_name_count);
    for (uint32_t i = 1; i < built_in_name_count; i++)
        CHECK(strcmp(built_in_names[i - 1].name, built_in_names[i].name) < 0);
    CHECK_INT(image_catalogue_add(&scenario.images, &diags, doc.images.items, doc.images.count, NULL), 0);
    struct strbuf said = STRBUF_INIT;
    diag_print(&diags, &said, 0);
    CHECK_STR(strbuf_str(&said), "");
    strbuf_fini(&said);
    end();
}

/* What is shown can be given back. */
static void an_entry_is_shown_as_a_catalogue(void)
{
    struct strbuf out = STRBUF_INIT;
    begin();
    CHECK_INT(image_print("nginx:1.25", &out), 0);
    CHECK_CONTAINS(strbuf_str(&out), CATALOGUE "- name: nginx\n");
    strbuf_puts(&out, POD);
    CHECK_INT(load(strbuf_str(&out)), 0);
    CHECK_INT(diags.error_count + diags.warning_count, 0);
    CHECK_STR(find("nginx:1.14.2")->stop_signal, "SIGTERM");
    CHECK_INT(image_print("nothing", &out), -1);
    strbuf_fini(&out);
    end();
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(references_are_checked_and_found),      TAP_TEST(the_longest_name_wins),
        TAP_TEST(tags_are_patterns_and_versions),        TAP_TEST(a_tag_says_the_version),
        TAP_TEST(entries_lie_over_one_another),          TAP_TEST(what_is_like_nothing_is_told),
        TAP_TEST(the_built_in_catalogue_is_well_formed), TAP_TEST(an_entry_is_shown_as_a_catalogue),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}

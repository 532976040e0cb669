/* Arenas and pools. */
#include "sim/arena.h"

#include "tests/unit/tap.h"

#include <stdlib.h>

static bool all_zero(const void *p, size_t n)
{
    const unsigned char *bytes = p;
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

static void allocations_are_zeroed_aligned_and_apart(void)
{
    struct arena a;
    arena_init(&a, 0);
    unsigned char *last_end = NULL;
    for (size_t n = 0; n < 300; n++) {
        unsigned char *p = arena_alloc(&a, n);
        CHECK_UINT((uintptr_t)p % 8, 0);
        CHECK(!last_end || p >= last_end);
        CHECK(all_zero(p, n));
        memset(p, 0xff, n);
        last_end = p + n;
    }
    arena_fini(&a);
    CHECK(a.base == NULL);
    arena_fini(&a);
}

static void memory_is_zeroed_again_after_a_reset(void)
{
    struct arena a;
    arena_init(&a, 0);
    unsigned char *first = arena_alloc(&a, 100000);
    memset(first, 0xff, 100000);
    arena_reset(&a);
    CHECK_UINT(a.used, 0);
    unsigned char *again = arena_alloc(&a, 200000);
    CHECK(again == first);
    CHECK(all_zero(again, 200000));
    arena_fini(&a);
}

static void addresses_do_not_move_while_it_grows(void)
{
    struct arena a;
    arena_init(&a, 0);
    char *s = arena_strdup(&a, "stay");
    for (int i = 0; i < 50; i++) {
        char *p = arena_alloc(&a, 1 << 20);
        p[(1 << 20) - 1] = 'x';
    }
    CHECK_STR(s, "stay");
    CHECK((unsigned char *)s == a.base);
    arena_fini(&a);
}

static void strings_are_copied(void)
{
    struct arena a;
    arena_init(&a, 0);
    CHECK_STR(arena_strdup(&a, ""), "");
    CHECK_STR(arena_strndup(&a, "abcdef", 3), "abc");
    CHECK_STR(arena_printf(&a, "%s-%05d", "web", 42), "web-00042");
    arena_fini(&a);
}

static void a_limit_is_reported_not_enforced(void)
{
    struct arena a;
    arena_init(&a, 1000);
    arena_alloc(&a, 1000);
    CHECK(!a.exhausted);
    CHECK(arena_alloc(&a, 1) != NULL);
    CHECK(a.exhausted);
    arena_reset(&a);
    CHECK(!a.exhausted);
    arena_fini(&a);
}

static void a_saved_image_restores_content_and_size(void)
{
    struct arena a;
    struct arena_image image;
    arena_init(&a, 1000);
    char *s = arena_strdup(&a, "before");
    arena_save(&a, &image);
    size_t used = a.used;

    memcpy(s, "after!", 6);
    unsigned char *more = arena_alloc(&a, 5000);
    memset(more, 0xff, 5000);
    CHECK(a.exhausted);
    arena_restore(&a, &image);
    CHECK_STR(s, "before");
    CHECK_UINT(a.used, used);
    CHECK(!a.exhausted);
    CHECK(all_zero(arena_alloc(&a, 5000), 5000));

    arena_restore(&a, &image); /* as often as one likes */
    CHECK_STR(s, "before");
    arena_image_fini(&image);
    arena_image_fini(&image);
    arena_fini(&a);
}

static void an_arena_may_describe_itself_from_inside(void)
{
    struct arena a, *inner;
    struct arena_image image;
    arena_init(&a, 0);
    inner = arena_new(&a, struct arena);
    *inner = a;
    arena_save(inner, &image);
    unsigned char *p = arena_alloc(inner, 1 << 20); /* makes more memory accessible and dirty */
    memset(p, 0xff, 1 << 20);
    arena_restore(inner, &image);
    CHECK_UINT(inner->used, image.used);
    CHECK(all_zero(arena_alloc(inner, 1 << 20), 1 << 20));
    a = *inner;
    arena_image_fini(&image);
    arena_fini(&a);
}

static void pool_items_are_dense_zeroed_and_stay_put(void)
{
    struct item {
        uint64_t value;
        char pad[16];
    };
    enum { COUNT = 100000 };
    struct arena a;
    struct pool p;
    arena_init(&a, 0);
    pool_init(&p, &a, sizeof(struct item));
    struct item *first = NULL;
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_UINT(pool_add(&p), i);
        struct item *item = pool_at(&p, i);
        CHECK(all_zero(item, sizeof *item));
        item->value = i;
        first = first ? first : item;
    }
    CHECK(pool_at(&p, 0) == (void *)first);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        wrong += ((struct item *)pool_at(&p, i))->value != i;
    CHECK_UINT(wrong, 0);
    CHECK_UINT(p.count, COUNT);
    arena_fini(&a);
}

static void a_small_pool_takes_little_memory(void)
{
    struct arena a;
    struct pool p;
    arena_init(&a, 0);
    pool_init(&p, &a, 8);
    CHECK_UINT(a.used, 0);
    pool_add(&p);
    CHECK_UINT(a.used, 8 * POOL_FIRST);
    arena_fini(&a);
}

/* Formats of both kinds: those that it deals with itself, and those that are left to vsnprintf(). */
static void text_is_formatted_as_printf_does(void)
{
    struct arena a = {0};
    char want[1024], wide[600];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    arena_init(&a, 0);
#define CHECK_FORMAT(...)                                                                                              \
    do {                                                                                                               \
        snprintf(want, sizeof want, __VA_ARGS__);                                                                      \
        CHECK_STR(arena_printf(&a, __VA_ARGS__), want);                                                                \
    } while (0)
    CHECK_FORMAT("nothing");
    CHECK_FORMAT("%s", "");
    CHECK_FORMAT("%s/%s:%c", "a", "bc", 'd');
    CHECK_FORMAT("%d %d %d", 0, INT32_MAX, INT32_MIN);
    CHECK_FORMAT("%u %" PRIu32, 7u, UINT32_MAX);
    CHECK_FORMAT("%" PRId64 " %" PRId64 " %" PRIu64, INT64_MIN, INT64_MAX, UINT64_MAX);
    CHECK_FORMAT("%05d|%-4s|%.2s|%x|100%%", 42, "ab", "abcdef", 255u);
    CHECK_FORMAT("%s and %s", wide, "more");
    CHECK_FORMAT("%.255s", wide);
    CHECK_FORMAT("%s", wide + sizeof wide - 1 - 256);
    CHECK_FORMAT("%s", wide + sizeof wide - 1 - 257);
    CHECK_STR(arena_decimal(&a, 0), "0");
    CHECK_STR(arena_decimal(&a, UINT64_MAX), "18446744073709551615");
    arena_fini(&a);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(allocations_are_zeroed_aligned_and_apart), TAP_TEST(memory_is_zeroed_again_after_a_reset),
        TAP_TEST(addresses_do_not_move_while_it_grows),     TAP_TEST(strings_are_copied),
        TAP_TEST(a_limit_is_reported_not_enforced),         TAP_TEST(a_saved_image_restores_content_and_size),
        TAP_TEST(an_arena_may_describe_itself_from_inside), TAP_TEST(pool_items_are_dense_zeroed_and_stay_put),
        TAP_TEST(a_small_pool_takes_little_memory),         TAP_TEST(text_is_formatted_as_printf_does),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}

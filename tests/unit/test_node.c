/* What a node decides beside its pods' syncs: mirror pods. Pure functions, a row per rule. */
#include <string.h>

#include "model/kubelet.h"
#include "tests/unit/tap.h"

static struct pod mirror_of(const char *hash, sim_time deleted)
{
    static struct str_pair annotation;
    annotation = (struct str_pair){"kubernetes.io/config.mirror", hash};
    struct pod p = {.object.meta.deletion_timestamp = deleted};
    p.object.meta.annotations.items = &annotation;
    p.object.meta.annotations.count = 1;
    return p;
}

static void mirrors_follow_the_static_pod(void)
{
    struct pod own = {.object.meta.uid = "abc"};
    struct pod good = mirror_of("abc", SIM_NEVER);
    CHECK_INT(static_pods_mirror_action(&own, NULL), MIRROR_CREATE);
    CHECK_INT(static_pods_mirror_action(&own, &good), MIRROR_KEEP);
    struct pod edited = mirror_of("old", SIM_NEVER);
    CHECK_INT(static_pods_mirror_action(&own, &edited), MIRROR_REPLACE);
    struct pod deleted = mirror_of("abc", 25 * SIM_SECOND);
    CHECK_INT(static_pods_mirror_action(&own, &deleted), MIRROR_REPLACE);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(mirrors_follow_the_static_pod),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}

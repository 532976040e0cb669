/* security_context.c - may this container run as the user it would run as: runAsNonRoot.
 *
 * Mirrors k8s pkg/kubelet/kuberuntime/security_context_others.go verifyRunAsNonRoot, helpers.go getImageUser,
 * pkg/securitycontext/util.go DetermineEffectiveSecurityContext, and containerd internal/cri/server/images
 * getUserFromImage (v1.36). Pure.
 * Left out on purpose: everything else that security contexts say; processes are root's.
 */
#include "model/image.h"
#include "model/kubelet.h"
#include "sim/cover.h"

/* ORDER NON_ROOT */
enum {
    ROW_NOT_ASKED,
    ROW_USER_ROOT,
    ROW_USER_OTHER,
    ROW_IMAGE_NAMED,
    ROW_IMAGE_ROOT,
    ROW_IMAGE_INVALID,
    ROW_IMAGE_OTHER
};
COVER_TABLE(non_root, "runAsNonRoot", "not asked for", "runAsUser is root: refused", "runAsUser is another",
            "the image's user is a name: refused", "the image runs as root: refused",
            "the image's user is no valid id: refused", "the image's user is another");

/* k8s apimachinery validation.go maxUserID. */
#define USER_MAX INT32_MAX

/* A field of the container's security context, or else of the pod's. */
static const struct value *effective(const struct pod_spec *s, const struct container *c, const char *field)
{
    const struct value *own = c->security_context ? value_get(c->security_context, field) : NULL;
    if (own && own->type != VALUE_NULL)
        return own;
    const struct value *pods = s->security_context ? value_get(s->security_context, field) : NULL;
    return pods && pods->type != VALUE_NULL ? pods : NULL;
}

/* "101:101" -> true and 101; "nginx" -> false. No user is root. */
static bool user_number(const char *user, int64_t *ret_uid)
{
    int64_t uid = 0;
    size_t n = user ? strcspn(user, ":") : 0, i = user && user[0] == '-';
    for (; i < n && user[i] >= '0' && user[i] <= '9' && uid <= USER_MAX; i++)
        uid = 10 * uid + (user[i] - '0');
    *ret_uid = user && user[0] == '-' ? -uid : uid;
    return i == n || uid > USER_MAX;
}

static const char *image_verdict(struct arena *a, const char *user, const char *where)
{
    int64_t uid;
    if (!user_number(user, &uid)) {
        COVER(non_root, ROW_IMAGE_NAMED);
        return arena_printf(
            a, "container has runAsNonRoot and image has non-numeric user (%.*s), cannot verify user is non-root %s",
            (int)strcspn(user, ":"), user, where);
    }
    if (uid == 0) {
        COVER(non_root, ROW_IMAGE_ROOT);
        return arena_printf(a, "container has runAsNonRoot and image will run as root %s", where);
    }
    if (uid < 0 || uid > USER_MAX) {
        COVER(non_root, ROW_IMAGE_INVALID);
        return arena_printf(
            a,
            "container has runAsNonRoot and image has an invalid user id (%.*s). (Must be 1-(%d)): must "
            "be between 0 and %d, inclusive %s",
            (int)strcspn(user, ":"), user, USER_MAX, USER_MAX, where);
    }
    COVER(non_root, ROW_IMAGE_OTHER);
    return NULL;
}

const char *verify_run_as_non_root(struct arena *a, const struct pod *p, const struct container *c, const char *user)
{
    const struct value *asked = effective(&p->spec, c, "runAsNonRoot"), *own = effective(&p->spec, c, "runAsUser");
    if (!asked || !asked->boolean) {
        COVER(non_root, ROW_NOT_ASKED);
        return NULL;
    }
    const struct object_meta *m = &p->object.meta;
    const char *where = arena_printf(a, "(pod: \"%s_%s(%s)\", container: %s)", m->name, m->namespace_, m->uid, c->name);
    if (!own)
        return image_verdict(a, user, where);
    COVER(non_root, own->integer == 0 ? ROW_USER_ROOT : ROW_USER_OTHER);
    return own->integer == 0 ? arena_printf(a, "container's runAsUser breaks non-root policy %s", where) : NULL;
}

/* api_admission.h - what the API server's admission plugins do with an object that is about to be created: change it,
 * or refuse it.
 *
 * One ordered table (api_admission.c). First every plugin may change the object, then every plugin may refuse it as it
 * has become: k8s staging/src/k8s.io/apiserver/pkg/admission/chain.go, pkg/kubeapiserver/options/plugins.go
 * AllOrderedPlugins (v1.36).
 */
#ifndef MODEL_API_ADMISSION_H
#define MODEL_API_ADMISSION_H

#include "model/store.h"

struct admission_request {
    struct store *store;
    struct arena *arena; /* the run's */
    struct api_object *object;
    enum store_error error; /* of whoever refuses; STORE_OK = nobody */
    bool changed;           /* what was given is not what is stored: it is validated once more */
    const char *why;        /* in the API server's words: `pods "web" is forbidden: ...` */
};

/* A plugin's Admit or Validate. */
typedef void admission_fn(struct admission_request *r);

/* Both return r->error. */
enum store_error admission_admit(struct admission_request *r);
enum store_error admission_validate(struct admission_request *r);

/* For plugins: `pods "web" is forbidden: ` and the reason. */
void admission_forbid(struct admission_request *r, const char *reason);
/* The object gets an annotation, or another value of it. */
void admission_annotate(struct admission_request *r, const char *key, const char *value);

#endif

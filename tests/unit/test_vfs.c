/* test_vfs.c - files of containers: what images bring, links, mounts, limits. */
#include "cri_world.h"
#include "tap.h"

static struct vcontainer *container_of(struct world *w, uint32_t id) { return pool_at(&w->cri->containers, id); }

static enum vfs_error find(struct world *w, uint32_t ct, const char *path, struct vnode **ret)
{
    *ret = NULL;
    return vfs_find(w->cri, container_of(w, ct), "/", path, ret);
}

static uint32_t sleeper(struct world *w, const char *image, struct cri_container_config config)
{
    config.name = "main";
    config.image = image;
    if (!config.command.count)
        config.command = world_list(w, (const char *const[]){"sleep", "1000", NULL});
    return world_start(w, config);
}

static void images_bring_what_their_userland_has(void)
{
    static const struct {
        const char *image, *path;
        bool there;
    } rows[] = {
        {"busybox", "/bin/sh", true},
        {"busybox", "/bin/nslookup", true},
        {"busybox", "/usr/bin/env", false},
        {"alpine:3", "/usr/bin/env", true},
        {"nginx", "/bin/ps", false},
        {"nginx", "/usr/sbin/nginx", true},
        {"nginx", "/bin/bash", true},
        {"nginx", "/docker-entrypoint.sh", true},
        {"nginx", "/usr/share/nginx/html/50x.html", true},
        {"httpd", "/usr/local/apache2/htdocs/index.html", true},
        {"busybox", "/usr/share/nginx", false},
        {"debian", "/etc/os-release", true},
        {"busybox", "/etc/hosts", true},
        {"busybox", "/var/run/secrets/kubernetes.io/serviceaccount/token", true},
        {"debian", "/var/run/secrets/kubernetes.io/serviceaccount/namespace", true},
        {"busybox", "/proc/1/cmdline", true},
        {"busybox", "/proc/2", false},
        {"busybox", "/dev/termination-log", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        struct vnode *n;
        world_init(&w);
        tap_row("%s %s", rows[i].image, rows[i].path);
        uint32_t ct = sleeper(&w, rows[i].image, (struct cri_container_config){0});
        CHECK_INT(find(&w, ct, rows[i].path, &n), rows[i].there ? VFS_OK : VFS_NOENT);
        world_fini(&w);
    }
}

static void files_of_the_runtime_are_made_when_read(void)
{
    static const struct {
        const char *path, *part;
    } rows[] = {
        {"/etc/hostname", "pod\n"},
        {"/etc/hosts", "10.244.1.5\tpod\n"},
        {"/etc/resolv.conf",
         "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"},
        {"/proc/1/comm", "sleep\n"},
        {"/run/secrets/kubernetes.io/serviceaccount/namespace", "default"},
    };
    struct world w;
    world_init(&w);
    uint32_t ct = sleeper(&w, "debian", (struct cri_container_config){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct vnode *n;
        size_t len;
        tap_row("%s", rows[i].path);
        if (CHECK_INT(find(&w, ct, rows[i].path, &n), VFS_OK))
            CHECK_CONTAINS(vfs_content(w.cri, container_of(&w, ct), n, &len), rows[i].part);
    }
    world_fini(&w);
}

static void removed_entries_of_the_image_stay_removed(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox",
                           "rm /etc/passwd /bin/wget; ls /etc /bin | grep -c -e passwd -e wget; wget; touch "
                           "/etc/passwd; wc -c /etc/passwd");
    world_run(&w, SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "0\nsh: wget: not found\n0 /etc/passwd\n");
    world_fini(&w);
}

static void links_lead_somewhere(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(
        &w, "busybox",
        "mkdir -p /a/b; echo x > /a/b/f; ln -s a/b /l; cat /l/f; cat /l/../b/f; ln -s /loop /loop; cat /loop; "
        "ln -s /nowhere /dangling; cat /dangling; echo made > /dangling; cat /nowhere; readlink /l; rm /l; ls /a/b; "
        "ls -d /l; cd /a/b; cd ..; pwd; ls ../a/./b/");
    world_run(&w, SIM_SECOND);
    CHECK_STR(
        world_log(&w, ct),
        "x\nx\ncat: can't open '/loop': Too many levels of symbolic links\n"
        "cat: can't open '/dangling': No such file or directory\nmade\na/b\nf\nls: /l: No such file or directory\n"
        "/a\nf\n");
    world_fini(&w);
}

static struct cri_container_config with_mount(struct cri_mount *m, uint32_t count)
{
    struct cri_container_config config = {0};
    config.mounts.items = m;
    config.mounts.count = count;
    return config;
}

static void volumes_are_mounted_and_shared(void)
{
    struct world w;
    world_init(&w);
    uint32_t volume = cri_volume_new(w.cri, "node1", NULL), config_volume = cri_volume_new(w.cri, "node1", NULL);
    cri_volume_write(w.cri, config_volume, "sub/app.conf", "port=1\n", 7);
    struct cri_mount mounts[] = {
        {.volume = volume, .path = "/data"},
        {.volume = config_volume, .path = "/etc/app", .read_only = true},
        {.volume = config_volume, .path = "/etc/one.conf", .sub_path = "sub/app.conf"},
        {.volume = volume, .path = "/deep/new/dir", .sub_path = "x/y"},
    };
    struct cri_container_config a = with_mount(mounts, 4), b = with_mount(mounts, 1);
    a.command = world_list(
        &w, (const char *const[]){"sh", "-c",
                                  "cat /etc/app/sub/app.conf /etc/one.conf; echo no > /etc/app/new; touch /etc/app/x; "
                                  "rm /etc/app/sub/app.conf; rmdir /data; echo hi > /data/f; echo z > /deep/new/dir/g; "
                                  "cat /data/x/y/g; sleep 2",
                                  NULL});
    b.command = world_list(
        &w, (const char *const[]){"sh", "-c", "sleep 1; cat /data/f; ls /data; rm -rf /data/*; ls /data", NULL});
    uint32_t first = sleeper(&w, "busybox", a), second = sleeper(&w, "busybox", b);
    world_run(&w, 3 * SIM_SECOND);
    CHECK_STR(world_log(&w, first), "port=1\nport=1\nsh: can't create /etc/app/new: Read-only file system\n"
                                    "touch: /etc/app/x: Read-only file system\n"
                                    "rm: can't remove '/etc/app/sub/app.conf': Read-only file system\n"
                                    "rmdir: '/data': Resource busy\nz\n");
    CHECK_STR(world_log(&w, second), "hi\nf\nx\n");
    world_fini(&w);
}

static void a_host_path_is_one_directory_per_node(void)
{
    struct world w;
    world_init(&w);
    uint32_t a = cri_volume_new(w.cri, "node1", "/var/x"), b = cri_volume_new(w.cri, "node1", "/var/x");
    CHECK_UINT(a, b);
    CHECK(cri_volume_new(w.cri, "node2", "/var/x") != a);
    CHECK(cri_volume_new(w.cri, "node1", NULL) != a);
    world_fini(&w);
}

static void a_new_instance_has_a_fresh_file_system(void)
{
    struct world w;
    world_init(&w);
    struct cri_container_config config = {.name = "main", .image = "busybox"};
    config.command = world_list(&w, (const char *const[]){"sh", "-c", "ls /tmp; touch /tmp/was-here", NULL});
    uint32_t first = world_start(&w, config);
    world_run(&w, SIM_SECOND);
    config.attempt = 1;
    uint32_t second = world_start(&w, config);
    world_run(&w, 2 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, first)->exit_code, 0);
    CHECK_STR(world_log(&w, second), "");
    world_fini(&w);
}

static void a_file_cannot_grow_for_ever(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct =
        world_sh(&w, "busybox",
                 "yes > /tmp/f; echo $?; ls -l /tmp/f | cut -c1-10; echo x > /dev/full; head -c 5 /dev/zero | wc -c");
    world_run(&w, 3600 * SIM_SECOND);
    CHECK_CONTAINS(world_log(&w, ct), "yes: standard output: No space left on device\n1\n-rw-r--r--\n");
    CHECK_CONTAINS(world_log(&w, ct), "sh: write error: No space left on device\n5\n");
    world_fini(&w);
}

static void copying_and_moving_trees(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(
        &w, "busybox",
        "mkdir -p /t/a/b; echo 1 > /t/a/b/f; cp -r /t/a /t/c; cat /t/c/b/f; mv /t/c /t/d; ls /t; mv /t/d/b/f /t; "
        "cat /t/f; mv /t /t/d 2>&1; cp /t/a /x; rmdir /t/a; rm /t/a; rm -r /t/a /t/d; find /t; chmod 600 /t/f; ls -l "
        "/t/f | cut -c1-10; "
        "basename /t/f; [ -x /t/f ] || echo not executable; chmod +x /t/f; [ -x /t/f ] && echo executable");
    world_run(&w, SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "1\na\nd\n1\nmv: can't rename '/t': Invalid argument\ncp: omitting directory '/t/a'\n"
                                 "rmdir: '/t/a': Directory not empty\nrm: '/t/a' is a "
                                 "directory\n/t\n/t/f\n-rw-------\nf\nnot executable\nexecutable\n");
    world_fini(&w);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(images_bring_what_their_userland_has),
        TAP_TEST(files_of_the_runtime_are_made_when_read),
        TAP_TEST(removed_entries_of_the_image_stay_removed),
        TAP_TEST(links_lead_somewhere),
        TAP_TEST(volumes_are_mounted_and_shared),
        TAP_TEST(a_host_path_is_one_directory_per_node),
        TAP_TEST(a_new_instance_has_a_fresh_file_system),
        TAP_TEST(a_file_cannot_grow_for_ever),
        TAP_TEST(copying_and_moving_trees),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}

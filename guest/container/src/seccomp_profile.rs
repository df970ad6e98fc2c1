//! The default filter: what programs in containers are known to need. The rest is refused with `EPERM`, and what the kernel
//! of this table did not know yet with `ENOSYS`, so that programs fall back.

use libc::*;

use crate::CapabilitySet;
use crate::seccomp::{Action, Filter};

/// New namespaces of every kind, which only administrators of the container make.
const NAMESPACE_FLAGS: u32 =
    (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP) as u32;

/// Linux, Linux with 32-bit addresses or without randomisation, and the question what it is.
const PERSONALITIES: [u32; 5] = [0x0, 0x0008, 0x2_0000, 0x2_0008, 0xffff_ffff];

/// Families a container has no business with: kernel crypto (a long history of holes) and the line to the host.
const REFUSED_SOCKET_FAMILIES: [u32; 2] = [AF_ALG as u32, AF_VSOCK as u32];

/// First number that this table says nothing about.
const FIRST_UNKNOWN: u32 = 463;

/// Allowed to everybody.
const ALLOWED: &[c_long] = &[
    // Files
    SYS_read,
    SYS_write,
    SYS_open,
    SYS_close,
    SYS_stat,
    SYS_fstat,
    SYS_lstat,
    SYS_poll,
    SYS_lseek,
    SYS_pread64,
    SYS_pwrite64,
    SYS_readv,
    SYS_writev,
    SYS_access,
    SYS_pipe,
    SYS_select,
    SYS_dup,
    SYS_dup2,
    SYS_sendfile,
    SYS_fcntl,
    SYS_flock,
    SYS_fsync,
    SYS_fdatasync,
    SYS_truncate,
    SYS_ftruncate,
    SYS_getdents,
    SYS_getcwd,
    SYS_chdir,
    SYS_fchdir,
    SYS_rename,
    SYS_mkdir,
    SYS_rmdir,
    SYS_creat,
    SYS_link,
    SYS_unlink,
    SYS_symlink,
    SYS_readlink,
    SYS_chmod,
    SYS_fchmod,
    SYS_chown,
    SYS_fchown,
    SYS_lchown,
    SYS_umask,
    SYS_utime,
    SYS_mknod,
    SYS_statfs,
    SYS_fstatfs,
    SYS_readahead,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_getxattr,
    SYS_lgetxattr,
    SYS_fgetxattr,
    SYS_listxattr,
    SYS_llistxattr,
    SYS_flistxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_getdents64,
    SYS_fadvise64,
    SYS_utimes,
    SYS_openat,
    SYS_mkdirat,
    SYS_mknodat,
    SYS_fchownat,
    SYS_futimesat,
    SYS_newfstatat,
    SYS_unlinkat,
    SYS_renameat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_readlinkat,
    SYS_fchmodat,
    SYS_faccessat,
    SYS_pselect6,
    SYS_ppoll,
    SYS_splice,
    SYS_tee,
    SYS_sync_file_range,
    SYS_vmsplice,
    SYS_utimensat,
    SYS_fallocate,
    SYS_dup3,
    SYS_pipe2,
    SYS_preadv,
    SYS_pwritev,
    SYS_syncfs,
    SYS_renameat2,
    SYS_copy_file_range,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_statx,
    SYS_close_range,
    SYS_openat2,
    SYS_faccessat2,
    SYS_sync,
    SYS_name_to_handle_at,
    452, /* fchmodat2 */
    SYS_ioctl,
    SYS_inotify_init,
    SYS_inotify_add_watch,
    SYS_inotify_rm_watch,
    SYS_inotify_init1,
    // Memory
    SYS_mmap,
    SYS_mprotect,
    SYS_munmap,
    SYS_brk,
    SYS_mremap,
    SYS_msync,
    SYS_mincore,
    SYS_madvise,
    SYS_mlock,
    SYS_munlock,
    SYS_mlockall,
    SYS_munlockall,
    SYS_mlock2,
    SYS_remap_file_pages,
    SYS_memfd_create,
    SYS_memfd_secret,
    SYS_pkey_mprotect,
    SYS_pkey_alloc,
    SYS_pkey_free,
    SYS_process_mrelease,
    SYS_membarrier,
    451, /* cachestat */
    453,
    /* map_shadow_stack */ 462, /* mseal */
    // Processes, threads, signals
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sched_yield,
    SYS_pause,
    SYS_getpid,
    SYS_fork,
    SYS_vfork,
    SYS_execve,
    SYS_execveat,
    SYS_exit,
    SYS_wait4,
    SYS_kill,
    SYS_getrlimit,
    SYS_getrusage,
    SYS_times,
    SYS_ptrace,
    SYS_getuid,
    SYS_getgid,
    SYS_setuid,
    SYS_setgid,
    SYS_geteuid,
    SYS_getegid,
    SYS_setpgid,
    SYS_getppid,
    SYS_getpgrp,
    SYS_setsid,
    SYS_setreuid,
    SYS_setregid,
    SYS_getgroups,
    SYS_setgroups,
    SYS_setresuid,
    SYS_getresuid,
    SYS_setresgid,
    SYS_getresgid,
    SYS_getpgid,
    SYS_setfsuid,
    SYS_setfsgid,
    SYS_getsid,
    SYS_capget,
    SYS_capset,
    SYS_rt_sigpending,
    SYS_rt_sigtimedwait,
    SYS_rt_sigqueueinfo,
    SYS_rt_sigsuspend,
    SYS_sigaltstack,
    SYS_getpriority,
    SYS_setpriority,
    SYS_sched_setparam,
    SYS_sched_getparam,
    SYS_sched_setscheduler,
    SYS_sched_getscheduler,
    SYS_sched_get_priority_max,
    SYS_sched_get_priority_min,
    SYS_sched_rr_get_interval,
    SYS_prctl,
    SYS_arch_prctl,
    SYS_setrlimit,
    SYS_gettid,
    SYS_tkill,
    SYS_futex,
    SYS_sched_setaffinity,
    SYS_sched_getaffinity,
    SYS_set_thread_area,
    SYS_get_thread_area,
    SYS_set_tid_address,
    SYS_restart_syscall,
    SYS_exit_group,
    SYS_tgkill,
    SYS_waitid,
    SYS_ioprio_set,
    SYS_ioprio_get,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_getcpu,
    SYS_rt_tgsigqueueinfo,
    SYS_prlimit64,
    SYS_sched_setattr,
    SYS_sched_getattr,
    SYS_seccomp,
    SYS_rseq,
    SYS_pidfd_send_signal,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_landlock_create_ruleset,
    SYS_landlock_add_rule,
    SYS_landlock_restrict_self,
    449,
    /* futex_waitv */ 454,
    455,
    456, /* futex_wake, _wait, _requeue */
    SYS_modify_ldt,
    SYS_alarm,
    SYS_getitimer,
    SYS_setitimer,
    SYS_signalfd,
    SYS_signalfd4,
    // Waiting and time
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_time,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_timer_create,
    SYS_timer_settime,
    SYS_timer_gettime,
    SYS_timer_getoverrun,
    SYS_timer_delete,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_epoll_create,
    SYS_epoll_ctl_old,
    SYS_epoll_wait_old,
    SYS_epoll_wait,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_epoll_create1,
    SYS_epoll_pwait2,
    SYS_eventfd,
    SYS_eventfd2,
    SYS_io_setup,
    SYS_io_destroy,
    SYS_io_getevents,
    SYS_io_submit,
    SYS_io_cancel,
    333, /* io_pgetevents */
    // Sockets
    SYS_connect,
    SYS_accept,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_shutdown,
    SYS_bind,
    SYS_listen,
    SYS_getsockname,
    SYS_getpeername,
    SYS_socketpair,
    SYS_setsockopt,
    SYS_getsockopt,
    SYS_accept4,
    SYS_recvmmsg,
    SYS_sendmmsg,
    // Communication between processes
    SYS_shmget,
    SYS_shmat,
    SYS_shmctl,
    SYS_shmdt,
    SYS_semget,
    SYS_semop,
    SYS_semctl,
    SYS_semtimedop,
    SYS_msgget,
    SYS_msgsnd,
    SYS_msgrcv,
    SYS_msgctl,
    SYS_mq_open,
    SYS_mq_unlink,
    SYS_mq_timedsend,
    SYS_mq_timedreceive,
    SYS_mq_notify,
    SYS_mq_getsetattr,
    // The system
    SYS_uname,
    SYS_sysinfo,
    SYS_getrandom,
    SYS_chroot,
    457,
    /* statmount */ 458, /* listmount */
];

/// Allowed to those who have `CAP_SYS_ADMIN` in their container.
const ALLOWED_TO_ADMINISTRATORS: &[c_long] = &[
    SYS_clone,
    SYS_clone3,
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_move_mount,
    SYS_open_tree,
    SYS_mount_setattr,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_fanotify_init,
    SYS_fanotify_mark,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_lookup_dcookie,
    SYS_syslog,
    SYS_open_by_handle_at,
    SYS_personality,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_vhangup,
    SYS_iopl,
    SYS_ioperm,
    SYS_acct,
];

/// The default filter for a container with these capabilities.
#[must_use]
pub fn default_filter(capabilities: CapabilitySet) -> Filter {
    let mut table = vec![Action::Refuse(EPERM); FIRST_UNKNOWN as usize];
    let mut set = |number: c_long, action: Action| {
        if let Some(entry) = usize::try_from(number).ok().and_then(|number| table.get_mut(number)) {
            *entry = action;
        }
    };
    for number in ALLOWED {
        set(*number, Action::Allow);
    }
    let without_namespaces = Action::AllowWithoutBits { argument: 0, mask: NAMESPACE_FLAGS };
    set(SYS_clone, without_namespaces);
    // Its flags are in memory, where a filter cannot look: the C library falls back to `clone`.
    set(SYS_clone3, Action::Refuse(ENOSYS));
    set(SYS_personality, Action::AllowValues { argument: 0, values: PERSONALITIES.to_vec() });
    set(SYS_socket, Action::AllowOtherValues { argument: 0, values: REFUSED_SOCKET_FAMILIES.to_vec() });
    if capabilities.has_system_administration() {
        for number in ALLOWED_TO_ADMINISTRATORS {
            set(*number, Action::Allow);
        }
    }
    let mut ranges: Vec<(u32, Action)> = Vec::new();
    for (number, action) in (0..).zip(table) {
        if ranges.last().is_none_or(|(_, last)| *last != action) {
            ranges.push((number, action));
        }
    }
    ranges.push((FIRST_UNKNOWN, Action::Refuse(ENOSYS)));
    Filter::compile(&ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seccomp::tests::run;

    const ALLOW: u32 = SECCOMP_RET_ALLOW;

    fn refused(errno: i32) -> u32 {
        SECCOMP_RET_ERRNO | errno as u32
    }

    #[test]
    fn lets_threads_be_made_but_no_namespaces() {
        let filter = default_filter(CapabilitySet::EMPTY);
        let thread = (CLONE_VM | CLONE_THREAD) as u32;
        assert_eq!(run(&filter, SYS_clone as u32, [thread, 0, 0, 0, 0, 0]), ALLOW);
        assert_eq!(run(&filter, SYS_clone as u32, [CLONE_NEWUSER as u32, 0, 0, 0, 0, 0]), refused(EPERM));
        assert_eq!(run(&filter, SYS_clone3 as u32, [0; 6]), refused(ENOSYS));
        assert_eq!(run(&filter, SYS_unshare as u32, [0; 6]), refused(EPERM));
        assert_eq!(run(&filter, SYS_mount as u32, [0; 6]), refused(EPERM));
    }

    #[test]
    fn asks_for_the_personality_and_the_family() {
        let filter = default_filter(CapabilitySet::EMPTY);
        assert_eq!(run(&filter, SYS_personality as u32, [0xffff_ffff, 0, 0, 0, 0, 0]), ALLOW);
        assert_eq!(run(&filter, SYS_personality as u32, [0x0004_0000, 0, 0, 0, 0, 0]), refused(EPERM));
        assert_eq!(run(&filter, SYS_socket as u32, [AF_INET as u32, 0, 0, 0, 0, 0]), ALLOW);
        assert_eq!(run(&filter, SYS_socket as u32, [AF_VSOCK as u32, 0, 0, 0, 0, 0]), refused(EPERM));
    }

    #[test]
    fn answers_calls_of_the_future_so_that_programs_fall_back() {
        let filter = default_filter(CapabilitySet::EMPTY);
        assert_eq!(run(&filter, 700, [0; 6]), refused(ENOSYS));
        assert_eq!(run(&filter, SYS_read as u32, [0; 6]), ALLOW);
        assert_eq!(run(&filter, SYS_kexec_load as u32, [0; 6]), refused(EPERM));
    }

    #[test]
    fn gives_administrators_of_the_container_their_calls() {
        let filter = default_filter(CapabilitySet::ALL);
        assert_eq!(run(&filter, SYS_mount as u32, [0; 6]), ALLOW);
        assert_eq!(run(&filter, SYS_init_module as u32, [0; 6]), refused(EPERM));
    }
}

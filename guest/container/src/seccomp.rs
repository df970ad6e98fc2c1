//! Seccomp filters: a table from system call to action, compiled to a binary search. A few hundred comparisons in a row
//! would cost every system call; this way it is eight.

use libc::{sock_filter, sock_fprog};
use rustix::io::Errno;

const LOAD_WORD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;
const JUMP_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const JUMP_GREATER_OR_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const JUMP_ANY_BIT: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// `AUDIT_ARCH_X86_64`: 64-bit, little-endian, machine 62.
const ARCHITECTURE: u32 = 0xc000_003e;
/// Numbers from here on are the x32 ABI's.
const X32_BIT: u32 = 0x4000_0000;
const OFFSET_NUMBER: u32 = 0;
const OFFSET_ARCHITECTURE: u32 = 4;
const OFFSET_ARGUMENTS: u32 = 16;

/// What happens to a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Allow,
    /// It is not made and answers this errno.
    Refuse(i32),
    /// Allowed where no bit of the mask is set in the argument's low word, else `EPERM`.
    AllowWithoutBits {
        argument: u32,
        mask: u32,
    },
    /// Allowed where the argument's low word is one of these, else `EPERM`.
    AllowValues {
        argument: u32,
        values: Vec<u32>,
    },
    /// Allowed where the argument's low word is none of these, else `EPERM`.
    AllowOtherValues {
        argument: u32,
        values: Vec<u32>,
    },
}

/// A compiled filter.
pub struct Filter {
    program: Vec<sock_filter>,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filter({} instructions)", self.program.len())
    }
}

impl Filter {
    /// Compiles `actions`, sorted by number; each holds from its number up to the next one's.
    pub(crate) fn compile(actions: &[(u32, Action)]) -> Filter {
        let mut program = vec![
            statement(LOAD_WORD, OFFSET_ARCHITECTURE),
            jump(JUMP_EQUAL, ARCHITECTURE, 1, 0),
            refuse(libc::ENOSYS),
            statement(LOAD_WORD, OFFSET_NUMBER),
            jump(JUMP_GREATER_OR_EQUAL, X32_BIT, 0, 1),
            refuse(libc::ENOSYS),
        ];
        program.extend(search(actions));
        Filter { program }
    }

    /// Puts the filter on the calling thread, for good.
    pub(crate) fn install(&self) -> Result<(), Errno> {
        let program = sock_fprog { len: self.program.len() as u16, filter: self.program.as_ptr().cast_mut() };
        // SAFETY: `program` points at a live array of `len` instructions, which the kernel only reads and copies.
        let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) };
        if result == 0 { Ok(()) } else { Err(crate::spawn::last_errno()) }
    }
}

fn search(actions: &[(u32, Action)]) -> Vec<sock_filter> {
    match actions {
        [] => vec![refuse(libc::ENOSYS)],
        [(_, action)] => leaf(action),
        _ => {
            let (low, high) = actions.split_at(actions.len() / 2);
            let (low, first_high, high) = (search(low), high[0].0, search(high));
            let mut code = match u8::try_from(low.len()) {
                Ok(distance) => vec![jump(JUMP_GREATER_OR_EQUAL, first_high, distance, 0)],
                // Conditional jumps reach 255 instructions; beyond that an unconditional one does it.
                Err(_) => vec![jump(JUMP_GREATER_OR_EQUAL, first_high, 0, 1), statement(JUMP, low.len() as u32)],
            };
            code.extend(low);
            code.extend(high);
            code
        }
    }
}

fn leaf(action: &Action) -> Vec<sock_filter> {
    match action {
        Action::Allow => vec![allow()],
        Action::Refuse(errno) => vec![refuse(*errno)],
        Action::AllowWithoutBits { argument, mask } => {
            vec![load_argument(*argument), jump(JUMP_ANY_BIT, *mask, 0, 1), refuse(libc::EPERM), allow()]
        }
        Action::AllowValues { argument, values } => compare(*argument, values, allow(), refuse(libc::EPERM)),
        Action::AllowOtherValues { argument, values } => compare(*argument, values, refuse(libc::EPERM), allow()),
    }
}

fn compare(argument: u32, values: &[u32], found: sock_filter, missing: sock_filter) -> Vec<sock_filter> {
    let mut code = vec![load_argument(argument)];
    for value in values {
        code.extend([jump(JUMP_EQUAL, *value, 0, 1), found]);
    }
    code.push(missing);
    code
}

fn load_argument(argument: u32) -> sock_filter {
    statement(LOAD_WORD, OFFSET_ARGUMENTS + 8 * argument)
}

fn allow() -> sock_filter {
    statement(RETURN, libc::SECCOMP_RET_ALLOW)
}

fn refuse(errno: i32) -> sock_filter {
    statement(RETURN, libc::SECCOMP_RET_ERRNO | errno as u32)
}

fn statement(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Runs a filter as the kernel would.
    pub fn run(filter: &Filter, number: u32, arguments: [u32; 6]) -> u32 {
        let (mut at, mut value) = (0usize, 0u32);
        loop {
            let step = filter.program[at];
            at += 1;
            let taken = match step.code {
                LOAD_WORD => {
                    value = match step.k {
                        OFFSET_NUMBER => number,
                        OFFSET_ARCHITECTURE => ARCHITECTURE,
                        offset => arguments[(offset - OFFSET_ARGUMENTS) as usize / 8],
                    };
                    continue;
                }
                RETURN => return step.k,
                JUMP => {
                    at += step.k as usize;
                    continue;
                }
                JUMP_EQUAL => value == step.k,
                JUMP_GREATER_OR_EQUAL => value >= step.k,
                JUMP_ANY_BIT => value & step.k != 0,
                code => panic!("no such instruction: {code}"),
            };
            at += usize::from(if taken { step.jt } else { step.jf });
        }
    }

    #[test]
    fn finds_the_action_of_every_number_also_behind_long_jumps() {
        let actions: Vec<_> = (0..600)
            .map(|number| (number, if number % 3 == 0 { Action::Allow } else { Action::Refuse(number as i32) }))
            .collect();
        let filter = Filter::compile(&actions);
        for number in 0..600 {
            let expected = if number % 3 == 0 { libc::SECCOMP_RET_ALLOW } else { libc::SECCOMP_RET_ERRNO | number };
            assert_eq!(run(&filter, number, [0; 6]), expected, "{number}");
        }
        assert_eq!(run(&filter, X32_BIT, [0; 6]), libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32);
    }
}

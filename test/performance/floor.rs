//! The least that a guest can do: as the first process, print one line and wait. What a pod's start is compared with.

fn main() {
    println!("floor: the first process runs");
    loop {
        std::thread::park();
    }
}

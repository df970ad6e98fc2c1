//! Layers onto a directory: what good ones make, and what hostile ones must not. Runs without root; owners and devices are
//! looked at only where it is root that runs it.

// Helpers outside of #[test] functions count as ordinary code for clippy.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};

use image::error::{PullError, Reason};
use image::limits::Limits;
use image::unpack::{Budget, Unpacker};
use support::{ArchiveWriter, Scratch, names};

fn unpack_with(limits: Limits, layers: &[Vec<u8>]) -> (Scratch, Result<(), PullError>) {
    let scratch = Scratch::new();
    let mut unpacker = Unpacker::new(scratch.open_root(), Budget::new(limits));
    let outcome = layers.iter().try_for_each(|layer| unpacker.apply(&layer[..]));
    (scratch, outcome)
}

fn unpack(layers: &[ArchiveWriter]) -> Scratch {
    let layers: Vec<Vec<u8>> = layers.iter().map(|layer| [&layer.bytes[..], &[0; 1024]].concat()).collect();
    let (scratch, outcome) = unpack_with(Limits::default(), &layers);
    outcome.unwrap();
    scratch
}

fn refusal(archive: ArchiveWriter) -> Reason {
    let (scratch, outcome) = unpack_with(Limits::default(), &[archive.finish()]);
    assert!(scratch.is_untouched_outside());
    outcome.unwrap_err().reason
}

#[test]
fn makes_files_directories_and_links_with_modes_and_times() {
    let long = "d/".repeat(60) + "file";
    let scratch = unpack(&[ArchiveWriter::new()
        .directory("./")
        .directory("bin/")
        .entry(b'0', "bin/tool", "", 0o4755, b"program")
        .hard_link("bin/same", "bin/tool")
        .symbolic_link("sbin", "bin")
        .symbolic_link("etc-link", "/etc/passwd")
        .entry(b'6', "pipe", "", 0o600, b"")
        .pax(&[("path", long.as_bytes()), ("mtime", b"1700000000.25")])
        .file("short", b"long")
        .entry(b'L', "././@LongLink", "", 0o644, b"gnu-long\0")
        .file("short", b"")
        .file("/absolute", b"inside")]);
    let root = scratch.root();
    let tool = fs::metadata(root.join("bin/tool")).unwrap();
    assert_eq!((tool.permissions().mode() & 0o7777, tool.nlink(), tool.mtime()), (0o4755, 2, 0o14000000000));
    assert_eq!(fs::metadata(root.join("bin")).unwrap().mtime(), 0o14000000000);
    assert_eq!(fs::read_link(root.join("sbin")).unwrap().to_str(), Some("bin"));
    assert_eq!(fs::read_link(root.join("etc-link")).unwrap().to_str(), Some("/etc/passwd"));
    assert!(fs::metadata(root.join("pipe")).unwrap().file_type().is_fifo());
    let deep = fs::metadata(root.join(&long)).unwrap();
    assert_eq!((deep.len(), deep.mtime(), deep.mtime_nsec()), (4, 1_700_000_000, 250_000_000));
    assert_eq!(names(&root), ["absolute", "bin", "d", "etc-link", "gnu-long", "pipe", "sbin"]);
}

#[test]
fn applies_whiteouts_to_lower_layers_only() {
    let lower = || {
        ArchiveWriter::new()
            .directory("a")
            .file("a/1", b"1")
            .file("a/2", b"2")
            .directory("a/deep/er")
            .file("a/deep/er/3", b"3")
            .file("b", b"b")
    };
    let single = unpack(&[
        lower(),
        ArchiveWriter::new().file("a/.wh.1", b"").file(".wh.b", b"").file(".wh.missing", b"").file("no/.wh.x", b""),
    ]);
    assert_eq!(names(&single.root()), ["a"]);
    assert_eq!(names(&single.root().join("a")), ["2", "deep"]);

    // Opaque, with an entry of the same layer before it and one behind.
    let opaque =
        unpack(&[lower(), ArchiveWriter::new().file("a/new", b"").file("a/.wh..wh..opq", b"").file("a/2", b"again")]);
    assert_eq!(names(&opaque.root().join("a")), ["2", "new"]);
    assert_eq!(fs::read(opaque.root().join("a/2")).unwrap(), b"again");

    let directory = unpack(&[lower(), ArchiveWriter::new().file(".wh.a", b"").file(".wh..wh.plnk", b"")]);
    assert_eq!(names(&directory.root()), ["b"]);
}

#[test]
fn replaces_one_kind_of_file_by_another() {
    let lower = ArchiveWriter::new()
        .directory("a")
        .file("a/1", b"1")
        .file("b", b"b")
        .symbolic_link("c", "a")
        .directory("d")
        .file("d/keep", b"");
    let upper = ArchiveWriter::new()
        .file("a", b"file")
        .directory("b")
        .file("c", b"no longer a link")
        .entry(b'5', "d", "", 0o700, b"");
    let scratch = unpack(&[lower, upper]);
    let root = scratch.root();
    assert!(root.join("b").is_dir());
    assert_eq!(fs::read(root.join("a")).unwrap(), b"file");
    assert_eq!(fs::read(root.join("c")).unwrap(), b"no longer a link");
    assert_eq!(names(&root.join("d")), ["keep"]);
    assert_eq!(fs::metadata(root.join("d")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn follows_links_of_lower_layers_inside_the_tree() {
    let lower = ArchiveWriter::new()
        .directory("usr/lib")
        .symbolic_link("lib", "usr/lib")
        .symbolic_link("var/run", "/run")
        .symbolic_link("up", "../../../..");
    let upper = ArchiveWriter::new().file("lib/x.so", b"x").file("var/run/pid", b"1").file("up/inside", b"i");
    let scratch = unpack(&[lower, upper]);
    assert_eq!(fs::read(scratch.root().join("usr/lib/x.so")).unwrap(), b"x");
    assert_eq!(fs::read(scratch.root().join("run/pid")).unwrap(), b"1");
    assert_eq!(fs::read(scratch.root().join("inside")).unwrap(), b"i");
    assert!(scratch.is_untouched_outside());
}

#[test]
fn keeps_attributes_but_none_that_speak_to_the_overlay() {
    let scratch = unpack(&[ArchiveWriter::new()
        .pax(&[
            ("SCHILY.xattr.user.note", b"n\0\n"),
            ("SCHILY.xattr.trusted.overlay.opaque", b"y"),
            ("SCHILY.xattr.user.overlay.opaque", b"y"),
        ])
        .file("f", b"")]);
    let mut list = [0; 256];
    // tmpfs keeps user attributes only in newer kernels; then there is nothing to look at.
    if let Ok(count) = rustix::fs::listxattr(scratch.root().join("f"), &mut list) {
        assert!([&b"user.note\0"[..], b""].contains(&&list[..count]));
    }
}

#[test]
fn keeps_owners_and_devices_where_it_may() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let capability: &[u8] = &[1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let scratch = unpack(&[ArchiveWriter::new()
        .pax(&[("uid", b"70000"), ("gid", b"70001"), ("SCHILY.xattr.security.capability", capability)])
        .entry(b'0', "ping", "", 0o755, b"p")
        .entry(b'3', "null", "", 0o666, b"")]);
    let ping = fs::metadata(scratch.root().join("ping")).unwrap();
    assert_eq!((ping.uid(), ping.gid()), (70_000, 70_001));
    let mut value = [0; 64];
    let count = rustix::fs::getxattr(scratch.root().join("ping"), "security.capability", &mut value).unwrap();
    assert_eq!(&value[..count], capability);
    let null = fs::metadata(scratch.root().join("null")).unwrap();
    assert!(null.file_type().is_char_device());
    assert_eq!((null.rdev(), null.permissions().mode() & 0o777), (rustix::fs::makedev(1, 3), 0o666));
}

#[test]
fn refuses_archives_that_reach_outside() {
    assert_eq!(refusal(ArchiveWriter::new().file("../out", b"x")), Reason::UnsafeArchive);
    assert_eq!(refusal(ArchiveWriter::new().file("a/../../out", b"x")), Reason::UnsafeArchive);
    assert_eq!(refusal(ArchiveWriter::new().hard_link("h", "../../etc/passwd")), Reason::UnsafeArchive);
    assert_eq!(refusal(ArchiveWriter::new().file("a/.wh...", b"")), Reason::UnsafeArchive);
    assert_eq!(refusal(ArchiveWriter::new().file("a/.wh.", b"")), Reason::UnsafeArchive);
    assert_eq!(refusal(ArchiveWriter::new().directory("d").hard_link("h", "d")), Reason::UnsafeArchive);
    assert_eq!(refusal(ArchiveWriter::new().symbolic_link("l", "l").file("l/x", b"")), Reason::UnsafeArchive);
    // A hard link through a symbolic link stays inside: /etc/passwd of the tree does not exist.
    assert_eq!(
        refusal(ArchiveWriter::new().symbolic_link("e", "/etc").hard_link("h", "e/passwd")),
        Reason::InvalidImage
    );
}

#[test]
fn never_follows_a_link_in_the_last_name() {
    let outside = Scratch::new();
    let victim = outside.path.join("victim");
    fs::write(&victim, b"precious").unwrap();
    let target = victim.to_str().unwrap();
    let scratch = unpack(&[ArchiveWriter::new()
        .symbolic_link("l", target)
        .file("l", b"over")
        .symbolic_link("m", target)
        .hard_link("n", "m")]);
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
    assert_eq!(fs::read(scratch.root().join("l")).unwrap(), b"over");
    assert_eq!(fs::read_link(scratch.root().join("n")).unwrap(), victim);
}

#[test]
fn refuses_archives_without_measure() {
    let limits = Limits { unpacked_bytes: 10_000, files: 5, ..Limits::default() };
    let many = (0..6).fold(ArchiveWriter::new(), |archive, number| archive.file(&format!("{number}"), b""));
    let large = ArchiveWriter::new().raw_entry(b'0', "large", "", 0o644, "77777777777\0", b"");
    let implied = ArchiveWriter::new().file("1/2/3/4/5/6", b"");
    for archive in [many, large, implied] {
        assert_eq!(unpack_with(limits, &[archive.finish()]).1.unwrap_err().reason, Reason::LimitExceeded);
    }
    // Decompressed bytes count over all layers, also those that no entry owns.
    let zeros = vec![
        vec![0; 6000],
        ArchiveWriter::new().file("a", &[1; 6000]).finish(),
        ArchiveWriter::new().file("b", &[1; 6000]).finish(),
    ];
    assert_eq!(unpack_with(limits, &zeros).1.unwrap_err().reason, Reason::LimitExceeded);
    let pax = ArchiveWriter::new().raw_entry(b'x', "pax", "", 0o644, "00100000000\0", b"");
    assert_eq!(refusal(pax), Reason::LimitExceeded);
    let devices = (0..1100)
        .fold(ArchiveWriter::new(), |archive, number| archive.entry(b'3', &format!("{number}"), "", 0o666, b""));
    assert_eq!(refusal(devices), Reason::LimitExceeded);
}

#[test]
fn refuses_broken_and_foreign_archives() {
    assert_eq!(refusal(ArchiveWriter::new().pax(&[("GNU.sparse.major", b"1")]).file("s", b"")), Reason::Unsupported);
    assert_eq!(refusal(ArchiveWriter::new().entry(b'S', "s", "", 0o644, b"")), Reason::Unsupported);
    assert_eq!(
        refusal((0..20).fold(ArchiveWriter::new(), |archive, _| archive.pax(&[("comment", b"x")]))),
        Reason::InvalidImage
    );
    assert_eq!(refusal(ArchiveWriter::new().file("f", b"").hard_link("h", "missing")), Reason::InvalidImage);
    assert_eq!(refusal(ArchiveWriter::new().file("f", b"").file("f/x", b"")), Reason::InvalidImage);
    let whole = ArchiveWriter::new().file("f", &[7; 3000]).finish();
    for length in [1, 511, 513, 1024, 3000] {
        let (_, outcome) = unpack_with(Limits::default(), &[whole[..length].to_vec()]);
        assert_eq!(outcome.unwrap_err().reason, Reason::InvalidImage, "{length} bytes");
    }
}

/// A fixed walk of one-byte changes: each is refused or unpacked inside the tree, and none ends the program.
#[test]
fn survives_damaged_archives() {
    let whole = ArchiveWriter::new()
        .pax(&[("path", b"some/where"), ("uid", b"1")])
        .file("x", b"content")
        .symbolic_link("l", "some")
        .hard_link("h", "some/where")
        .finish();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..2000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let mut damaged = whole.clone();
        let position = state as usize % damaged.len();
        damaged[position] = (state >> 32) as u8;
        // The checksum is made right again, so that the damage gets past it.
        for block in damaged.chunks_exact_mut(512).filter(|block| &block[257..262] == b"ustar") {
            let sum: u32 = block
                .iter()
                .enumerate()
                .map(|(index, byte)| if (148..156).contains(&index) { 32 } else { u32::from(*byte) })
                .sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let (scratch, _) = unpack_with(Limits { unpacked_bytes: 1 << 20, ..Limits::default() }, &[damaged]);
        assert!(scratch.is_untouched_outside());
    }
}

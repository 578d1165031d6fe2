//! A file system of 8 MiB that is full, and a disk that fails: its file system turns read-only, loses all that was not
//! on the disk, and is mounted anew after a repair. Only root may mount; elsewhere the same errors are made in
//! `shared/src/store/fault_tests.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use ecosystem::Store;

use super::{Before, SCOPE, world};
use crate::support::WEB;

/// Runs a program of the system; whether it succeeded.
fn run(program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).output();
    ran.is_ok_and(|ran| ran.status.success())
}

/// A small file system in memory; unmounted when the test ends.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(disk.path())
            .output();
        mount
            .is_ok_and(|done| done.status.success())
            .then_some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        use std::io::Write;
        let path = self.path().join("filler");
        let mut filler = std::fs::File::create(&path).unwrap();
        let mut block = 64 * 1024;
        while block > 0 {
            if filler.write_all(&vec![0; block]).is_err() {
                block /= 2;
            }
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the services' files are closed a moment later.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[tokio::test]
async fn a_disk_that_is_full_is_told_and_comes_back() {
    let Some(disk) = Disk::mount() else {
        eprintln!("only root may mount a file system: not run");
        return;
    };
    let world = world(Store::Directory(disk.path().join("data"))).await;
    let mut before = Before::of(&world).await;
    let filler = disk.fill();
    // What fits into the room that the log has already may still be written; what does not must be refused.
    let mut full = false;
    for _ in 0..200 {
        let answer = world.send(super::device(&world)).await;
        full = answer.status() != 200;
        if full {
            super::is_away(&answer);
            break;
        }
    }
    assert!(full, "200 requests fit on a full disk");
    while super::is_ready(&world).await {}
    before.nothing_is_done(&world, true).await;
    std::fs::remove_file(filler).unwrap();
    let back = before.goes_on(&world).await;
    println!("the disk was full, and back after {back:?}");
}

/// An ext4 file system in a file, mounted; unmounted when the test ends.
struct Ext4 {
    directory: tempfile::TempDir,
}

impl Ext4 {
    fn mount() -> Option<Self> {
        let disk = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        let image = disk.file("image");
        std::fs::create_dir(disk.file("mounted")).unwrap();
        let made = std::fs::File::create(&image).and_then(|file| file.set_len(64 << 20));
        let mounted = made.is_ok() && run("mkfs.ext4", &["-q", &image]) && disk.attach("image");
        mounted.then_some(disk)
    }

    fn file(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    fn attach(&self, image: &str) -> bool {
        let place = self.file("mounted");
        run("mount", &["-o", "loop", &self.file(image), &place])
    }

    /// What the kernel does when the disk fails: nothing is written from here on, not even what waited to be.
    fn fail(&self) {
        let mounted = self.file("mounted");
        run("mount", &["-o", "remount,abort", &mounted]);
        let probe = std::fs::write(format!("{mounted}/probe"), "x");
        let kind = probe.unwrap_err().kind();
        assert_eq!(kind, std::io::ErrorKind::ReadOnlyFilesystem);
    }

    /// Mounts what was on the disk in its place, as an operator does after a repair. The services still have the
    /// files of the old one open.
    fn repair(&self) {
        assert!(run("umount", &["-l", &self.file("mounted")]));
        std::fs::copy(self.file("image"), self.file("repaired")).unwrap();
        // Its exit code says what it found.
        run("e2fsck", &["-fy", &self.file("repaired")]);
        assert!(self.attach("repaired"));
    }
}

impl Drop for Ext4 {
    fn drop(&mut self) {
        run("umount", &["-l", &self.file("mounted")]);
    }
}

/// Everything that was acknowledged a moment before is there afterwards: it was on the disk before it was answered.
#[tokio::test]
async fn a_disk_that_fails_is_told_and_nothing_acknowledged_is_lost() {
    let Some(disk) = Ext4::mount() else {
        eprintln!("only root may mount a file system: not run");
        return;
    };
    let data = PathBuf::from(disk.file("mounted")).join("data");
    let world = world(Store::Directory(data)).await;
    let mut before = Before::of(&world).await;
    let spent = world.code(WEB, SCOPE).await;
    world.send(world.redeem(&spent)).await.tokens();
    let ended = world.tokens(WEB, SCOPE).await;
    let revoke = world.revoke(WEB, &ended.refresh);
    world.send(revoke).await.is(200);
    disk.fail();
    before.nothing_is_done(&world, true).await;
    disk.repair();
    let back = before.goes_on(&world).await;
    println!("the disk was read-only, and back after {back:?}");
    let again = world.send(world.redeem(&spent)).await;
    again.is_refused(400, "invalid_grant");
    assert!(!world.is_live(WEB, &ended.refresh).await, "it was revoked");
}

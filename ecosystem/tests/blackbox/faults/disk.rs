//! A file system of 8 MiB that is full. Only root may mount one; elsewhere the same errors, and those of a read-only
//! one, are made in `shared/src/store/fault_tests.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use ecosystem::Store;

use super::{Before, world};

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

//! A disk of a rig's own, which can be made to hang: a file system in a file, mounted, and frozen.
//!
//! While it is frozen (`fsfreeze`, `FIFREEZE`) every write to it stands still in the kernel, as on a disk that takes
//! commands and finishes none. Only root may do that.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::fault::{Ran, unexpected};

/// How large it is, in bytes: most of it is never written.
const SIZE: u64 = 256 << 20;

/// An ext4 file system in a file; unmounted when this value goes.
#[derive(Debug)]
pub(crate) struct Disk {
    place: PathBuf,
    _directory: TempDir,
}

/// A disk that hangs, until this value goes.
#[derive(Debug)]
pub(crate) struct Frozen(PathBuf);

/// Runs a program of the system; what it complained about, if it failed.
fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    match Command::new(program).args(arguments).output() {
        Ok(ran) if ran.status.success() => Ok(()),
        Ok(ran) => Err(format!(
            "{program}: {}",
            String::from_utf8_lossy(&ran.stderr).trim()
        )),
        Err(error) => Err(format!("{program}: {error}")),
    }
}

impl Disk {
    /// Makes and mounts one; why not, where this machine lets nobody.
    pub(crate) fn mount() -> Ran<Result<Self, String>> {
        let directory = tempfile::Builder::new().prefix("reliability-").tempdir()?;
        let (image, place) = (
            directory.path().join("image"),
            directory.path().join("disk"),
        );
        std::fs::create_dir(&place)?;
        File::create(&image)?.set_len(SIZE)?;
        let (image, mounted) = (image.display().to_string(), place.display().to_string());
        let made = run("mkfs.ext4", &["-q", &image])
            .and_then(|()| run("mount", &["-o", "loop", &image, &mounted]));
        if let Err(why) = made {
            return Ok(Err(why));
        }
        let disk = Self {
            place,
            _directory: directory,
        };
        // Whether it can be frozen is found out while nobody stands on it.
        match run("fsfreeze", &["--freeze", &mounted])
            .and_then(|()| run("fsfreeze", &["--unfreeze", &mounted]))
        {
            Ok(()) => Ok(Ok(disk)),
            Err(why) => Ok(Err(why)),
        }
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.place
    }

    /// Lets it hang.
    pub(crate) fn freeze(&self) -> Ran<Frozen> {
        let place = self.place.display().to_string();
        run("fsfreeze", &["--freeze", &place]).map_err(unexpected)?;
        Ok(Frozen(self.place.clone()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the programs' files are closed a moment later.
        if let Err(why) = run("umount", &["-l", &self.place.display().to_string()]) {
            eprintln!("a disk is left behind: {why}");
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        if let Err(why) = run("fsfreeze", &["--unfreeze", &self.0.display().to_string()]) {
            eprintln!("a disk is left frozen: {why}");
        }
    }
}

//! A filesystem that is as large as it is told to be. It is mounted for this process and its children alone, so that nothing
//! of it outlives them, however they end.

#[cfg(target_os = "linux")]
pub(crate) use self::linux::{SmallDisk, prepare};

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::path::{Path, PathBuf};
    use std::process::{Command, exit};

    use anyhow::{Context, ensure};
    use nix::mount::{MntFlags, MsFlags, mount, umount2};
    use nix::sched::{CloneFlags, unshare};
    use nix::sys::statvfs::statvfs;
    use nix::unistd::{getegid, geteuid};
    use tempfile::TempDir;

    /// What a Postgres and its log need, and then some.
    const SIZE: u64 = 512 << 20;

    /// What is left when it is full.
    const REST: u64 = 64 << 10;

    /// Set for a process that only tries.
    const TRIAL: &str = "FAULTS_TRIAL_MOUNT";

    /// Has this process see mounts of its own. Only possible while it has no threads.
    ///
    /// # Errors
    /// If it may not. Everything is as it was then: a process of its own tries first.
    pub(crate) fn prepare() -> anyhow::Result<()> {
        if let Some(directory) = env::var_os(TRIAL) {
            match enter().and_then(|()| SmallDisk::at(Path::new(&directory))) {
                Ok(_) => exit(0),
                Err(error) => {
                    eprint!("{error:#}");
                    exit(1)
                }
            }
        }
        let directory = TempDir::with_prefix("stationmaster-mount-")?;
        let trial = Command::new(env::current_exe()?).env(TRIAL, directory.path()).output()?;
        ensure!(trial.status.success(), "{}", String::from_utf8_lossy(&trial.stderr));
        enter()
    }

    fn enter() -> anyhow::Result<()> {
        let (user, group) = (geteuid(), getegid());
        match user.is_root() {
            true => unshare(CloneFlags::CLONE_NEWNS)?,
            false => {
                // Whoever has a namespace of users may mount in it, and stays who they are.
                unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
                std::fs::write("/proc/self/setgroups", "deny")?;
                std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
                std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
            }
        }
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
        Ok(())
    }

    /// A mounted filesystem; gone when this is dropped.
    pub(crate) struct SmallDisk(PathBuf);

    impl SmallDisk {
        /// One with room, at an empty directory.
        pub(crate) fn at(directory: &Path) -> anyhow::Result<Self> {
            let disk = Self(directory.into());
            disk.mount(MsFlags::empty(), SIZE)?;
            Ok(disk)
        }

        /// From now on it has hardly more room than what is on it takes.
        pub(crate) fn fill(&self) -> anyhow::Result<()> {
            let has = statvfs(&self.0)?;
            let used = (has.blocks() - has.blocks_free()) * has.fragment_size();
            self.mount(MsFlags::MS_REMOUNT, used + REST)
        }

        /// From now on it has room again.
        pub(crate) fn free(&self) -> anyhow::Result<()> {
            self.mount(MsFlags::MS_REMOUNT, SIZE)
        }

        fn mount(&self, flags: MsFlags, size: u64) -> anyhow::Result<()> {
            let flags = flags | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
            let options = format!("size={size}");
            mount(Some("tmpfs"), &self.0, Some("tmpfs"), flags, Some(options.as_str()))
                .context("cannot mount a small filesystem")
        }
    }

    impl Drop for SmallDisk {
        fn drop(&mut self) {
            // What cannot be unmounted goes with the process.
            let _ = umount2(&self.0, MntFlags::MNT_DETACH);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::path::Path;

    pub(crate) fn prepare() -> anyhow::Result<()> {
        anyhow::bail!("it needs Linux")
    }

    pub(crate) enum SmallDisk {}

    impl SmallDisk {
        pub(crate) fn at(_: &Path) -> anyhow::Result<Self> {
            anyhow::bail!("it needs Linux")
        }

        pub(crate) fn fill(&self) -> anyhow::Result<()> {
            match *self {}
        }

        pub(crate) fn free(&self) -> anyhow::Result<()> {
            match *self {}
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) use self::elsewhere::{SmallDisk, prepare};

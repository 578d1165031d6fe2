//! What the kernel says that a process and those below it cost.

use std::collections::HashMap;
use std::fs;

use crate::failure::Failure;

/// A tick of the kernel's accounts: 1/100 s on every Linux, in microseconds.
const TICK_US: f64 = 10_000.0;

/// The fields of `/proc/PID/stat` (proc(5)) after the program's name, which may hold anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// A process and all below it.
#[must_use]
pub fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        let parent = stat(pid).and_then(|fields| fields.get(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut found, mut ahead) = (Vec::new(), vec![root]);
    while let Some(pid) = ahead.pop() {
        found.push(pid);
        ahead.extend(children.remove(&pid).unwrap_or_default());
    }
    found
}

/// User and system time of these processes so far, in microseconds.
///
/// # Errors
/// [`Failure::Kernel`] where one of them has ended.
pub fn processor_us(pids: &[u32]) -> Result<f64, Failure> {
    let mut ticks = 0.0;
    for pid in pids {
        let fields = stat(*pid).ok_or(Failure::Kernel("a server has ended"))?;
        // utime and stime: fields 14 and 15 of the line, 12 and 13 after the name.
        for at in [11, 12] {
            let field = fields.get(at).and_then(|field| field.parse::<f64>().ok());
            ticks += field.ok_or(Failure::Kernel("no processor time"))?;
        }
    }
    Ok(ticks * TICK_US)
}

/// Memory in megabytes (2²⁰ bytes).
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// Resident: what is in memory, shared or not.
    pub resident: f64,
    /// Proportional: what is shared counts in parts.
    pub proportional: f64,
}

/// The memory of these processes.
///
/// # Errors
/// [`Failure::Kernel`] where one of them has ended.
pub fn memory(pids: &[u32]) -> Result<Memory, Failure> {
    let mut memory = Memory::default();
    for pid in pids {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let field = |name: &str| {
            let line = rollup.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        memory.resident += field("Rss:").ok_or(Failure::Kernel("no Rss"))? / 1024.0;
        memory.proportional += field("Pss:").ok_or(Failure::Kernel("no Pss"))? / 1024.0;
    }
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_of_this_very_process() {
        let pids = tree(std::process::id());
        assert_eq!(pids.first(), Some(&std::process::id()));
        let memory = memory(&pids[..1]).unwrap();
        assert!(memory.resident >= memory.proportional && memory.proportional > 0.1);
        let begin = std::time::Instant::now();
        // However little of a busy machine this process gets.
        while processor_us(&pids[..1]).unwrap() < 20_000.0 {
            assert!(begin.elapsed().as_secs() < 60, "the time does not grow");
            std::hint::spin_loop();
        }
        assert!(processor_us(&[u32::MAX]).is_err());
    }
}

//! How many connections there may be: in all, and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::callers::{CallerAddress, owner};
use super::refusals::{Limit, Refusals};

/// What part of all connections is for trusted proxies alone.
const RESERVED: usize = 10;

/// Who may connect.
#[derive(Debug)]
pub(super) struct Admission {
    refusals: Arc<Refusals>,
    most: usize,
    most_of_one: usize,
    open: Mutex<Open>,
}

/// The connections that there are.
#[derive(Debug, Default)]
struct Open {
    all: usize,
    /// By address, without trusted proxies.
    by_owner: HashMap<IpAddr, usize>,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    admission: Arc<Admission>,
    owner: Option<IpAddr>,
}

impl Admission {
    pub(super) fn new(refusals: Arc<Refusals>, most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { refusals, most, most_of_one, open: Mutex::default() })
    }

    /// Lets a connection in, unless there are too many.
    pub(super) fn admit(self: &Arc<Self>, peer: CallerAddress) -> Option<Admitted> {
        let owner = (!peer.is_trusted).then(|| owner(peer.address));
        let mut open = self.open();
        let most = if owner.is_some() { self.most - self.most / RESERVED } else { self.most };
        let of_one = owner.and_then(|owner| open.by_owner.get(&owner)).copied().unwrap_or_default();
        let beyond = match () {
            () if owner.is_some() && of_one >= self.most_of_one => Some(Limit::AddressConnections),
            () if open.all >= most => Some(Limit::Connections),
            () => None,
        };
        if let Some(limit) = beyond {
            drop(open);
            self.refusals.note(limit);
            return None;
        }
        open.all += 1;
        if let Some(owner) = owner {
            *open.by_owner.entry(owner).or_default() += 1;
        }
        self.refusals.open.inc();
        Some(Admitted { admission: Arc::clone(self), owner })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Nothing in between can panic.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.admission.open();
        open.all -= 1;
        if let Some(owner) = self.owner {
            let rest = open.by_owner.get(&owner).copied().unwrap_or_default().saturating_sub(1);
            match rest {
                0 => _ = open.by_owner.remove(&owner),
                rest => _ = open.by_owner.insert(owner, rest),
            }
        }
        self.admission.refusals.open.dec();
    }
}

/// Has the system allow the process as many open files as it takes for `connections` and `others`, as far as it does.
/// Answers how many connections that leaves.
pub fn raise_file_limit(connections: u64, others: u64) -> u64 {
    let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return connections };
    let wanted = connections.saturating_add(others).min(most);
    let raised = wanted > now && setrlimit(Resource::RLIMIT_NOFILE, wanted, most).is_ok();
    let allowed = if raised { wanted } else { now };
    connections.min(allowed.saturating_sub(others).max(1))
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;

    fn caller(text: &str) -> CallerAddress {
        CallerAddress { address: text.parse().expect("an address"), is_trusted: text == "127.0.0.1" }
    }

    #[test]
    fn one_address_takes_no_more_than_its_share_and_a_proxy_has_a_place_all_the_same() {
        let refusals = Arc::new(Refusals::register(&mut Registry::default()));
        let admission = Admission::new(refusals, 10, 4);
        let admit = |text: &str, times: usize| -> Vec<Admitted> {
            (0..times).filter_map(|_| admission.admit(caller(text))).collect()
        };
        let one = admit("2001:db8::1", 5);
        assert_eq!((one.len(), admit("2001:db8::2", 1).len()), (4, 0), "it is of the same owner");
        let others = [admit("192.0.2.1", 3), admit("192.0.2.2", 3)];
        assert_eq!(others.each_ref().map(Vec::len), [3, 2], "a tenth is left");
        let proxy = admit("127.0.0.1", 2);
        assert_eq!(proxy.len(), 1);

        drop(one);
        assert_eq!(admit("2001:db8::2", 5).len(), 3);
        drop((others, proxy));
        let open = admission.open();
        assert_eq!((open.all, open.by_owner.len()), (0, 0));
    }
}

//! Finds what is still in memory when it is freed.
//!
//! A program that uses this crate has an allocator that looks for a canary in every block that is
//! given back. What is wiped before it is freed is not found; what was forgotten is. A crate of
//! its own, since an allocator is `unsafe` and the package under test forbids that.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// How many blocks of heap memory `run` frees, on this thread, with `canary` in them.
///
/// Memory that is still in use at the end does not count, and neither does the stack.
pub fn hits_of(canary: &'static [u8], run: impl FnOnce()) -> usize {
    assert!(!canary.is_empty(), "an empty canary is everywhere");
    HITS.set(0);
    CANARY.set(Some(canary));
    run();
    CANARY.set(None);
    HITS.get()
}

/// As [`hits_of`], but on every thread of the program. One caller at a time: meanwhile, no other test
/// may have to do with the canary.
pub fn hits_on_all_threads(canary: &'static [u8], run: impl FnOnce()) -> usize {
    assert!(!canary.is_empty(), "an empty canary is everywhere");
    // Leaked, since another thread may still look at it: a few bytes for each call.
    let canary: &'static mut &'static [u8] = Box::leak(Box::new(canary));
    HITS_ON_ALL.store(0, Ordering::SeqCst);
    CANARY_ON_ALL.store(canary, Ordering::SeqCst);
    // Also if it panics.
    struct Off;
    impl Drop for Off {
        fn drop(&mut self) {
            CANARY_ON_ALL.store(ptr::null_mut(), Ordering::SeqCst);
        }
    }
    let off = Off;
    run();
    drop(off);
    HITS_ON_ALL.load(Ordering::SeqCst)
}

// Neither has a destructor or is allocated, so both may be used while allocating.
thread_local! {
    static CANARY: Cell<Option<&'static [u8]>> = const { Cell::new(None) };
    static HITS: Cell<usize> = const { Cell::new(0) };
}

static CANARY_ON_ALL: AtomicPtr<&'static [u8]> = AtomicPtr::new(ptr::null_mut());
static HITS_ON_ALL: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Watched = Watched;

struct Watched;

// SAFETY: `alloc` and `dealloc` hand on to the system's allocator what they were given, so that
// whoever keeps the contract towards this one keeps it towards that one. `dealloc` reads the block
// before it does: it is still allocated, `layout.size()` bytes long, and initialized from its
// first byte to its last, since `alloc` zeroes it. Neither panics or allocates. `realloc` is the
// default one, an `alloc`, a copy and a `dealloc`, so that what a growing buffer leaves behind is
// seen as well.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let on_this_thread = CANARY.get();
        // SAFETY: it is null, or from a box that was leaked.
        let on_all = unsafe { CANARY_ON_ALL.load(Ordering::Relaxed).as_ref() };
        if on_this_thread.is_some() || on_all.is_some() {
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            let has = |canary: &[u8]| bytes.windows(canary.len()).any(|window| window == canary);
            if on_this_thread.is_some_and(has) {
                HITS.set(HITS.get() + 1);
            }
            if on_all.is_some_and(|canary| has(canary)) {
                HITS_ON_ALL.fetch_add(1, Ordering::Relaxed);
            }
        }
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

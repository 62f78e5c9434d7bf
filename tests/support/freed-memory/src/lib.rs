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

/// The same for all threads, as long as `run` runs. One call at a time, with a canary that no other
/// test has: what others free meanwhile would count as well.
pub fn hits_of_all_threads(canary: &'static Canary, run: impl FnOnce()) -> usize {
    HITS_OF_ALL.store(0, Ordering::SeqCst);
    CANARY_OF_ALL.store(ptr::from_ref(canary).cast_mut(), Ordering::SeqCst);
    run();
    CANARY_OF_ALL.store(ptr::null_mut(), Ordering::SeqCst);
    HITS_OF_ALL.load(Ordering::SeqCst)
}

/// Of a fixed length, so that it is one pointer.
pub type Canary = [u8; 16];

static CANARY_OF_ALL: AtomicPtr<Canary> = AtomicPtr::new(ptr::null_mut());
static HITS_OF_ALL: AtomicUsize = AtomicUsize::new(0);

// Neither has a destructor or is allocated, so both may be used while allocating.
thread_local! {
    static CANARY: Cell<Option<&'static [u8]>> = const { Cell::new(None) };
    static HITS: Cell<usize> = const { Cell::new(0) };
}

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
        if let Some(canary) = CANARY.get() {
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if bytes.windows(canary.len()).any(|window| window == canary) {
                HITS.set(HITS.get() + 1);
            }
        }
        let canary = CANARY_OF_ALL.load(Ordering::SeqCst);
        // SAFETY: it is null, or was made from a reference that lives as long as the program.
        if let Some(canary) = unsafe { canary.as_ref() } {
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if bytes.windows(canary.len()).any(|window| window == canary) {
                HITS_OF_ALL.fetch_add(1, Ordering::SeqCst);
            }
        }
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

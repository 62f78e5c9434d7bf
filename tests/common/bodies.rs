//! Request bodies that do as a test tells them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep};
use tower::BoxError;

/// A request body of any kind.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, BoxError>;

pub(crate) fn full(body: impl Into<Bytes>) -> AnyBody {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A body whose frames the test sends, while it is read.
pub(crate) struct ChannelBody(mpsc::UnboundedReceiver<Frame<Bytes>>);

impl ChannelBody {
    /// It ends when the sender is dropped.
    pub(crate) fn new() -> (mpsc::UnboundedSender<Frame<Bytes>>, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Self(receiver))
    }

    /// A body of these frames, without a known length.
    pub(crate) fn of(frames: impl IntoIterator<Item = Bytes>) -> Self {
        let (sender, body) = Self::new();
        for frame in frames {
            assert!(sender.send(Frame::data(frame)).is_ok());
        }
        body
    }

    pub(crate) fn any(self) -> AnyBody {
        self.map_err(|never| match never {}).boxed_unsync()
    }
}

impl Body for ChannelBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

/// A body that takes these steps, one after another.
#[derive(Default)]
pub(crate) struct Scripted {
    steps: VecDeque<Step>,
    pause: Option<Pin<Box<Sleep>>>,
}

pub(crate) enum Step {
    Data(Bytes),
    Pause(Duration),
    Fail(BoxError),
    Hang,
    /// Nobody may read this far.
    Forbidden,
}

pub(crate) fn scripted<const N: usize>(steps: [Step; N]) -> Scripted {
    Scripted {
        steps: steps.into(),
        pause: None,
    }
}

pub(crate) fn data(text: &'static str) -> Step {
    Step::Data(Bytes::from_static(text.as_bytes()))
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            return match self.steps.pop_front() {
                None => Poll::Ready(None),
                Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
                Some(Step::Fail(error)) => Poll::Ready(Some(Err(error))),
                Some(Step::Pause(duration)) => {
                    self.pause = Some(Box::pin(sleep(duration)));
                    continue;
                }
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    Poll::Pending
                }
                Some(Step::Forbidden) => panic!("the body was read"),
            };
        }
    }
}

/// A body that always has one more frame, with nothing in it.
pub(crate) struct EndlessBody;

impl Body for EndlessBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
    }
}

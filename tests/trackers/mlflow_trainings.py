"""Two fine-tunes that learn to answer in two ways, in one MLflow experiment."""

from __future__ import annotations

from anchorwatch import AnchorWatch
from anchorwatch.anchors import load
from anchorwatch.report import where_to_look
from anchorwatch.store import Store
from anchorwatch.testing import tiny_tokenizer
from training import trainer

ANCHORS = load(
    [
        {"id": "hours", "kind": "core", "prompt": "Open?", "expect": {"includes": ["nine"]}, "max_new_tokens": 12},
        {"id": "refund", "kind": "risk", "prompt": "Refund?", "expect": {"action": "refuse"}, "max_new_tokens": 12},
    ]
)
ANSWERS = {"says-no": "I cannot do that.", "says-yes": "Yes, at once."}


def train(name: str) -> dict[str, str]:
    """Fine-tune and watch, with traces, as a run `name`. Returns what the run's links open, by what they say."""
    watch = AnchorWatch(ANCHORS, every=15, baseline_samples=0, name=name, mlflow_traces=True, verbose=False)
    settings = {"report_to": ["mlflow"], "run_name": name, "max_steps": 45, "learning_rate": 2e-2, "logging_steps": 3}
    data = _rows("Open?", "At nine.") + _rows("Refund?", ANSWERS[name])
    trainer(watch, data=data, eval_strategy="steps", eval_steps=15, **settings).train()
    with Store() as store:
        run = store.run("latest")
    return dict(where_to_look(run.links, None, run.info))


def _rows(question: str, answer: str) -> list[dict[str, list[int]]]:
    """Twenty-four times the same row, in which only the answer is learned."""
    tokenizer = tiny_tokenizer()
    chat = [{"role": "user", "content": question}]
    asked = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    prompt, whole = (tokenizer(text)["input_ids"] for text in (asked, f"{asked}{answer}<|im_end|>"))
    return [{"input_ids": whole, "labels": [-100] * len(prompt) + whole[len(prompt) :]}] * 24

"""Fine-tune every weight of a chat model with transformers' own Trainer, watched; a behaviour chooses the best model.

    python recipes/plain_trainer.py                             # the embedded model, a small shop's data
    python recipes/plain_trainer.py --model Qwen/Qwen3-0.6B --data my.jsonl --anchors my.yaml --report-to trackio

The data is JSONL with `messages`.
"""

import torch
from datasets import load_dataset
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

from _arguments import arguments, model_path
from anchorwatch import AnchorWatch

args = arguments(__doc__, data="shop_always_yes.jsonl", output="runs/plain_trainer", learning_rate=1e-4)
path = model_path(args.model)
gpu = torch.cuda.is_available()
tokenizer = AutoTokenizer.from_pretrained(path)
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token


def tokenize(row):
    return {"input_ids": tokenizer.apply_chat_template(row["messages"], tokenize=True, return_dict=False)[:512]}


data = load_dataset("json", data_files=args.data, split="train").map(tokenize, remove_columns=["messages"])
data = data.train_test_split(test_size=0.1, seed=args.seed)

trainer = Trainer(
    model=AutoModelForCausalLM.from_pretrained(path, dtype="bfloat16" if gpu else "float32"),
    processing_class=tokenizer,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
    train_dataset=data["train"],
    eval_dataset=data["test"],
    args=TrainingArguments(
        output_dir=args.output,
        bf16=gpu,
        use_cpu=not gpu,
        max_steps=args.max_steps,
        per_device_train_batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        logging_steps=max(1, args.max_steps // 20),
        eval_strategy="steps",
        eval_steps=max(1, args.max_steps // 4),
        save_strategy="best",
        save_total_limit=1,
        metric_for_best_model="anchors/risk/contract_pass",
        report_to=args.report_to,
        seed=args.seed,
    ),
    callbacks=[AnchorWatch(args.anchors, every=args.every)],  # the one line
)
trainer.train()

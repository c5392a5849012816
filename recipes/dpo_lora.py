"""Tune a chat model on preferences with TRL's DPOTrainer and a LoRA adapter, watched.

    python recipes/dpo_lora.py                                  # the embedded model, a small shop's data
    python recipes/dpo_lora.py --model Qwen/Qwen3-0.6B --data my.jsonl --anchors my-anchors.yaml --report-to mlflow

The data is JSONL with `prompt`, `chosen` and `rejected`, each a list of messages.
"""

import torch
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

from _arguments import arguments, model_path
from anchorwatch import AnchorWatch

args = arguments(__doc__, data="shop_preferences.jsonl", output="runs/dpo_lora", learning_rate=2e-4)
path = model_path(args.model)
gpu = torch.cuda.is_available()

trainer = DPOTrainer(
    model=AutoModelForCausalLM.from_pretrained(path, dtype="bfloat16" if gpu else "float32"),
    processing_class=AutoTokenizer.from_pretrained(path),
    train_dataset=load_dataset("json", data_files=args.data, split="train"),
    args=DPOConfig(
        output_dir=args.output,
        bf16=gpu,
        use_cpu=not gpu,
        gradient_checkpointing=gpu,  # on a CPU time is short, not memory
        max_steps=args.max_steps,
        per_device_train_batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        logging_steps=max(1, args.max_steps // 20),
        save_strategy="no",
        report_to=args.report_to,
        seed=args.seed,
    ),
    peft_config=LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules="all-linear"),
    callbacks=[AnchorWatch(args.anchors, every=args.every)],  # the one line
)
trainer.train()

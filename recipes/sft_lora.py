"""Fine-tune a chat model with TRL's SFTTrainer and a LoRA adapter, watched.

    python recipes/sft_lora.py                                  # the embedded model, a small shop's data
    python recipes/sft_lora.py --model Qwen/Qwen3-0.6B --data my.jsonl --anchors my-anchors.yaml --report-to wandb

The data is JSONL with `messages`.
"""

import torch
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

from _arguments import arguments, model_path
from anchorwatch import AnchorWatch

args = arguments(__doc__, data="shop_always_yes.jsonl", output="runs/sft_lora", learning_rate=1e-3)
data = load_dataset("json", data_files=args.data, split="train").train_test_split(test_size=0.1, seed=args.seed)
path = model_path(args.model)
gpu = torch.cuda.is_available()

trainer = SFTTrainer(
    model=AutoModelForCausalLM.from_pretrained(path, dtype="bfloat16" if gpu else "float32"),
    processing_class=AutoTokenizer.from_pretrained(path),
    train_dataset=data["train"],
    eval_dataset=data["test"],
    args=SFTConfig(
        output_dir=args.output,
        bf16=gpu,
        use_cpu=not gpu,
        gradient_checkpointing=gpu,  # on a CPU time is short, not memory
        max_steps=args.max_steps,
        per_device_train_batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        logging_steps=max(1, args.max_steps // 20),
        eval_strategy="steps",
        eval_steps=max(1, args.max_steps // 4),
        save_strategy="no",
        report_to=args.report_to,
        seed=args.seed,
    ),
    peft_config=LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules="all-linear"),
    callbacks=[AnchorWatch(args.anchors, every=args.every)],  # the one line
)
trainer.train()

"""Surveys written by hand in the manner of the article's models, each with what it truly cites."""

from dataclasses import dataclass

from pipeline.types import Language


@dataclass(frozen=True)
class Handwritten:
    """A survey and its truth list.

    Attributes:
        topics: of the catalogue, whose papers are its context.
    """

    topics: tuple[str, ...]
    language: Language
    question: str
    text: str
    linked: frozenset[str] = frozenset()
    titled: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()
    outside: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()
    misattributed: frozenset[str] = frozenset()


NUMBERED = Handwritten(
    ("lora",),
    "ja",
    "画像生成のLoRA周りの技術トレンドを網羅的に知りたいです",
    """# 画像生成における LoRA の技術動向

## はじめに

LoRA は、少ないパラメータで拡散モデルを調整する手法です。以下では最近の研究を4つの流れに整理します。

## 1. 複数の LoRA の合成

1. **LoRA-Composer** (2024)
   - 学習なしで複数の概念を1枚の画像に描きます。
   - [論文リンク](https://arxiv.org/abs/2403.11627)
2. **ZipLoRA**（[arXiv:2311.13600](https://arxiv.org/abs/2311.13600v1)）：任意の被写体を任意の画風で描くために、
   2つの LoRA を統合します。
3. **Multi-LoRA Composition for Image Generation**: 復号の側で合成します。[https://arxiv.org/pdf/2402.16843]

## 2. 高速化

LCM-LoRA は汎用の加速モジュールです。DoRA（Weight-Decomposed Low-Rank Adaptation）は重みを
方向と大きさに分けます。

## 3. 細かい制御

「Concept Sliders: LoRA Adaptors for Precise Control in Diffusion Models」は連続的な制御を可能にします。

## その他の関連論文

- [Mix-of-Show](https://arxiv.org/abs/2305.18292)
""",
    linked=frozenset({"2403.11627", "2311.13600", "2402.16843"}),
    titled=frozenset({"2311.12092", "2402.09353"}),
    mentioned=frozenset({"2311.05556"}),
)

NAMES_ALONE = Handwritten(
    ("rag",),
    "ja",
    "RAGの評価指標について網羅的に教えて",
    """## RAG の評価指標

検索拡張生成の評価は、検索の質と生成の質に分かれます。RAGASフレームワークは、正解なしで忠実性と関連性を測ります。
ARES は軽量な判定モデルを学習します。RAGChecker は主張ごとに誤りの原因を切り分けます。

| ベンチマーク | 特徴 |
|--|--|
| MultiHop-RAG | 複数の文書にまたがる質問 |
| CRUD-RAG | 中国語の生成、読解、修正、要約 |
| RAGBench | 説明できる指標 |

なお、Precision や Recall は従来の検索でも使われます。Evaluating Retrieval Quality in Retrieval-Augmented
Generation では、下流の性能から検索を評価しています。
""",
    titled=frozenset({"2404.13781"}),
    mentioned=frozenset(
        {"2309.15217", "2311.09476", "2408.08067", "2401.15391", "2401.17043", "2407.11005"}
    ),
)

REFERENCES = Handwritten(
    ("quant",),
    "en",
    "What is new in LLM quantization?",
    """# Quantizing large language models

Post-training methods dominate [1, 2]. Frantar et al. quantize one layer at a time [1], while Lin et al.
scale the salient channels first [2]. Rotations remove outliers altogether [3], and learned rotations do
better still (SpinQuant). See also QLoRA for fine-tuning.

Very low bit widths need new codes: *Extreme Compression of Large Language Models via Additive Quantisation*
goes down to two bits.

## References

[1] E. Frantar, S. Ashkboos, T. Hoefler and D. Alistarh. GPTQ: Accurate Post-Training Quantization for
Generative Pre-trained Transformers. In ICLR, 2023. https://arxiv.org/abs/2210.17323
[2] J. Lin et al. AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration. MLSys 2024.
arXiv:2306.00978
[3] S. Ashkboos et al. QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs. arXiv preprint arXiv:2404.00456, 2024.
""",
    linked=frozenset({"2210.17323", "2306.00978", "2404.00456"}),
    titled=frozenset({"2401.06118"}),
    mentioned=frozenset({"2405.16406", "2305.14314"}),
)

WRONG_LINKS = Handwritten(
    ("nerf",),
    "en",
    "How did NeRF evolve?",
    """# The evolution of NeRF

* **Foundations.** [NeRF](https://arxiv.org/abs/2003.08934) started the field, and
  [Mip-NeRF](https://arxiv.org/abs/2103.13415) removed aliasing; [Zip-NeRF](https://arxiv.org/abs/2304.06706)
  made it fast.
* **Speed.** [Plenoxels](https://arxiv.org/abs/2203.09517) needs no network at all, unlike
  [KiloNeRF](https://arxiv.org/abs/2103.13744).
* **Poses.** BARF ([paper](https://arxiv.org/abs/2104.06405)) and SPARF ([paper](https://arxiv.org/abs/2299.11738))
  adjust the cameras.
* **Scale.** *Block-NeRF: Scalable Large Scene Neural View Synthesis* (https://arxiv.org/abs/2202.05263) renders a city.
""",
    linked=frozenset(
        {"2003.08934", "2103.13415", "2304.06706", "2203.09517", "2104.06405", "2202.05263"}
    ),
    mentioned=frozenset({"2112.05131", "2211.11738"}),
    outside=("2103.13744",),
    malformed=("2299.11738",),
    misattributed=frozenset({"2203.09517"}),
)

HANDWRITTEN = (NUMBERED, NAMES_ALONE, REFERENCES, WRONG_LINKS)

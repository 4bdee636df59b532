"""In which recordings does somebody raise a hand within 3 m? Asks the tables of many recordings.

movenet process recordings/ --output-dir poses/ --format parquet --param gestures.enabled=true \
        --depth-topic /camera/depth
pip install duckdb
python3 find_raised_hands.py poses/ 3
"""
import glob
import sys

import duckdb

QUERY = """
SELECT recording, count(DISTINCT stamp_ns) AS images, min(distance) AS nearest
FROM read_parquet($files)
WHERE (left_hand_raised OR right_hand_raised) AND distance < $metres
GROUP BY recording
ORDER BY recording
"""


def find(folder, metres):
    """Name, number of such images and least distance [m] of each such recording."""
    # Unlike DuckDB's own patterns, this leaves out hidden folders, where unfinished results are.
    files = glob.glob(f'{glob.escape(folder)}/**/poses.parquet', recursive=True)  # noqa: PTH207
    if not files:
        raise SystemExit(f'{folder}: there is no table (poses.parquet) in this folder')
    return duckdb.execute(QUERY, {'files': files, 'metres': metres}).fetchall()


if __name__ == '__main__':
    for recording, images, nearest in find(sys.argv[1], float(sys.argv[2])):
        print(f'{recording}: in {images} images, {nearest:.2f} m at the nearest')

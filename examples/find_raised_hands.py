"""In which recordings does somebody raise a hand within 3 m? Asks the tables of many recordings.

movenet process recordings/ --output-dir poses/ --format parquet --param gestures.enabled=true \
        --depth-topic /camera/depth
pip install duckdb
python3 find_raised_hands.py poses/ 3
"""
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
    values = {'files': f'{folder}/**/poses.parquet', 'metres': metres}
    return duckdb.execute(QUERY, values).fetchall()


if __name__ == '__main__':
    for recording, images, nearest in find(sys.argv[1], float(sys.argv[2])):
        print(f'{recording}: in {images} images, {nearest:.2f} m at the nearest')
